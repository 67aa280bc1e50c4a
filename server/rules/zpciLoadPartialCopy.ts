import { bare, callsOf, nameOfExpression, pathOf } from '../model/paths';
import { at } from './report';
import type { Rule } from './rule';

/** What __zpci_load() loaded is narrowed before a part of it is copied out. See zpci-load-partial-copy.md. */
export const zpciLoadPartialCopy: Rule = {
  id: 'zpci-load-partial-copy',
  severity: 'error',
  title: 'A value of __zpci_load() is narrowed before less than 8 bytes of it are copied.',
  needs: 'function',
  *check({ project }, path) {
    for (const target of project.units(path, '__zpci_load')) {
      const variables = new Set(
        callsOf(target.flow, /^__zpci_load$/).flatMap(
          ({ call }) => (call.args[0] ? pathOf(call.args[0]) : undefined) ?? [],
        ),
      );
      const declared = (target.flow?.nodes ?? []).flatMap((node) =>
        node.kind === 'declare' && !/[*[]/.test(node.type) ? [node.name] : [],
      );
      for (const { call } of callsOf(target.flow, /^copy_to_user$/)) {
        const [, from, count] = call.args;
        const source = from && bare(from);
        if (source?.kind !== 'unary' || source.operator !== '&' || !count) continue;
        const variable = nameOfExpression(source.operand);
        if (variable === undefined || !variables.has(variable) || !declared.includes(variable)) continue;
        const size = bare(count);
        const whole =
          (size.kind === 'number' && size.value === 8) ||
          (/sizeof\s*\(?\s*(u64|__u64|uint64_t)?/.test(target.text.slice(size.start, size.end)) &&
            !/u(8|16|32)\b/.test(target.text.slice(size.start, size.end)));
        if (!whole)
          yield at(
            this,
            target,
            call,
            `${variable} holds 8 bytes, the most significant first: a copy of fewer bytes takes the wrong ones. Store it in a u8, u16 or u32 before.`,
          );
      }
    }
  },
};
