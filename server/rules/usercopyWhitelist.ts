import { bare, callsOf, nameOfExpression, pathOf, storeAt } from '../model/paths';
import { subexpressions } from '../model/expressions';
import { at } from './report';
import type { Rule } from './rule';

/** An object of a slab cache that is copied from or to user space lies in a cache that allows it. See usercopy-whitelist.md. */
export const usercopyWhitelist: Rule = {
  id: 'usercopy-whitelist',
  severity: 'warning',
  title: 'Objects that user copies touch come from a cache with a usercopy region.',
  needs: 'function',
  *check({ project }, path) {
    const file = project.units(path, 'kmem_cache');
    const closed = new Map<string, string>();
    for (const target of file)
      for (const node of target.flow?.nodes ?? []) {
        const expression =
          node.kind === 'evaluate' && node.expression.kind === 'assign' ? node.expression : undefined;
        const value = expression && bare(expression.value);
        if (!expression || value?.kind !== 'call') continue;
        const name = nameOfExpression(value.callee);
        const field = pathOf(expression.target)?.split('.').at(-1);
        if (field === undefined || (name !== 'kmem_cache_create' && name !== 'KMEM_CACHE')) continue;
        const args = value.args[2];
        const isList = args !== undefined && [...subexpressions(args)].some((part) => part.kind === 'list');
        // What stands behind a variable is not known.
        const open =
          name === 'kmem_cache_create' &&
          !isList &&
          (value.args.length !== 5 || args === undefined || bare(args).kind === 'unary');
        const allows =
          isList &&
          args !== undefined &&
          [...subexpressions(args)].some(
            (part) =>
              part.kind === 'list' && part.entries.some(({ designator }) => designator === '.usersize'),
          );
        if (!open && !allows) closed.set(field, target.name);
      }
    for (const target of closed.size > 0 ? file : [])
      for (const { node, call } of callsOf(target.flow, /^kmem_cache_(alloc|zalloc)$/)) {
        const cache = call.args[0] && pathOf(call.args[0])?.split('.').at(-1);
        const store = storeAt(node);
        if (cache === undefined || !store || !closed.has(cache)) continue;
        for (const copy of callsOf(target.flow, /^copy_(to|from)_user$/))
          if (nameOfExpression(copy.call.args[copy.name === 'copy_to_user' ? 1 : 0]) === store.name)
            yield at(
              this,
              target,
              copy.call,
              `${store.name} comes from a cache without a usercopy region (${closed.get(cache)}()): with CONFIG_HARDENED_USERCOPY this copy stops the kernel. Give the cache a .usersize.`,
            );
      }
  },
};
