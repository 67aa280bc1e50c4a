import { bare, callsOf, nameOfExpression, pathOf, storeAt } from '../model/paths';
import type { Expression } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import type { Project } from '../model/project';
import { constantOf } from '../model/regionOffsets';
import { cacheArguments } from '../model/slabCaches';
import { at } from './report';
import type { Rule } from './rule';

/** An object of a slab cache that is copied from or to user space lies in a cache that allows it. See usercopy-whitelist.md. */
export const usercopyWhitelist: Rule = {
  id: 'usercopy-whitelist',
  severity: 'warning',
  title: 'Objects copied to or from user space come from a cache with a usercopy region.',
  needs: 'function',
  *check({ project }, path) {
    const file = project.units(path, 'kmem_cache');
    const makers = new Set([...file, ...project.units(path, 'KMEM_CACHE')]);
    const closed = new Map<string, string>();
    for (const target of makers)
      for (const node of target.flow?.nodes ?? []) {
        const expression =
          node.kind === 'evaluate' && node.expression.kind === 'assign' ? node.expression : undefined;
        const value = expression && bare(expression.value);
        if (!expression || value?.kind !== 'call') continue;
        const name = nameOfExpression(value.callee);
        const field = pathOf(expression.target)?.split('.').at(-1);
        if (field === undefined || (name !== 'kmem_cache_create' && name !== 'KMEM_CACHE')) continue;
        if (isClosed(target, name, value.args)) closed.set(field, target.name);
      }
    for (const target of closed.size > 0 ? file : [])
      for (const { node, call } of callsOf(target.flow, /^kmem_cache_(alloc|zalloc)$/)) {
        const cache = call.args[0] && pathOf(call.args[0])?.split('.').at(-1);
        const store = storeAt(node);
        if (cache === undefined || !store || !closed.has(cache)) continue;
        for (const copy of callsOf(target.flow, /^copy_(to|from)_user$/))
          if (
            nameOfExpression(copy.call.args[copy.name === 'copy_to_user' ? 1 : 0]) === store.name &&
            !isConstantSize(project, target, copy.call.args[2])
          )
            yield at(
              this,
              target,
              copy.call,
              `${store.name} comes from a cache without a usercopy region (created in ${closed.get(cache)}()): with CONFIG_HARDENED_USERCOPY this copy ends in a kernel BUG. Set .usersize of the cache.`,
            );
      }
  },
};

/** Whether a cache is created without a usercopy region; not where that stands behind what is not known. */
function isClosed(target: FunctionModel, name: string, args: readonly Expression[]): boolean {
  if (name === 'KMEM_CACHE') return true;
  const third = args[2];
  if (!third) return false;
  const given = cacheArguments(target, third);
  if (given) return !given.has('.usersize');
  return args.length === 5 && bare(third).kind !== 'unary';
}

/** Whether a copy has a size that the compiler knows: check_copy_size() leaves the object of such a copy alone. */
function isConstantSize(project: Project, target: FunctionModel, size: Expression | undefined): boolean {
  return (
    size !== undefined &&
    (/^\(*sizeof\b/.test(target.text.slice(size.start, size.end)) ||
      constantOf(project, size, target) !== undefined)
  );
}
