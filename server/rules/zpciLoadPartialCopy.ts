import type { Expression } from '../model/c/expressions';
import type { FlowGraph, FlowNode, NodeId } from '../model/c/flow';
import { bare, callsOf, nameOfExpression, pathOf, reachable, writes } from '../model/paths';
import { at } from './report';
import type { Rule } from './rule';

/** What __zpci_load() loaded is narrowed before a part of it is copied out. See zpci-load-partial-copy.md. */
export const zpciLoadPartialCopy: Rule = {
  id: 'zpci-load-partial-copy',
  severity: 'error',
  title: 'A value loaded by __zpci_load() is narrowed before fewer than 8 bytes of it are copied.',
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
      for (const { id, call } of callsOf(target.flow, /^copy_to_user$/)) {
        const [, from, count] = call.args;
        const source = from && bare(from);
        if (source?.kind !== 'unary' || source.operator !== '&' || !count) continue;
        const variable = nameOfExpression(source.operand);
        if (variable === undefined || !variables.has(variable) || !declared.includes(variable)) continue;
        const size = bare(count);
        const whole =
          (size.kind === 'number' && size.value === 8) ||
          (/\bsizeof\b/.test(target.text.slice(size.start, size.end)) &&
            !/u(8|16|32)\b|\buint(8|16|32)_t\b/.test(target.text.slice(size.start, size.end)));
        if (!whole && target.flow && isPart(target.flow, id, variable, nameOfExpression(count)))
          yield at(
            this,
            target,
            call,
            `${variable} holds 8 bytes, most significant byte first: a shorter copy takes the wrong ones. Assign it to a u8, u16 or u32 first.`,
          );
      }
    }
  },
};

/** Whether an expression is the number 8, or the size of what holds 8 bytes. */
const isEight = (expression: Expression): boolean => {
  const plain = bare(expression);
  return plain.kind === 'number' && plain.value === 8;
};

/** What a condition says of a count when it is true and when it is false: that it is 8. */
function saysEight(condition: Expression, count: string): { whenTrue: boolean; whenFalse: boolean } {
  const plain = bare(condition);
  if (plain.kind === 'unary' && plain.operator === '!') {
    const inner = saysEight(plain.operand, count);
    return { whenTrue: inner.whenFalse, whenFalse: inner.whenTrue };
  }
  if (plain.kind !== 'binary') return { whenTrue: false, whenFalse: false };
  if (plain.operator === '&&' || plain.operator === '||') {
    const sides = [saysEight(plain.left, count), saysEight(plain.right, count)];
    return {
      whenTrue: plain.operator === '&&' && sides.some((side) => side.whenTrue),
      whenFalse: plain.operator === '||' && sides.some((side) => side.whenFalse),
    };
  }
  const about =
    (nameOfExpression(plain.left) === count && isEight(plain.right)) ||
    (nameOfExpression(plain.right) === count && isEight(plain.left));
  return { whenTrue: about && plain.operator === '==', whenFalse: about && plain.operator === '!=' };
}

/** Whether a copy can be reached with the loaded value as it was, and with a count that nothing has said to be 8. */
function isPart(flow: FlowGraph, copy: NodeId, variable: string, count: string | undefined): boolean {
  const narrowed = flow.nodes.map((node): FlowNode => {
    if (count === undefined) return node;
    if (node.kind === 'branch') {
      const { whenTrue, whenFalse } = saysEight(node.condition, count);
      if (whenTrue || whenFalse)
        return { kind: 'fork', targets: [whenTrue ? node.whenFalse : node.whenTrue] };
    }
    if (node.kind === 'switch' && nameOfExpression(node.value) === count)
      return { ...node, arms: node.arms.filter(({ low, high }) => high ?? !isEight(low)) };
    return node;
  });
  const changes = (node: FlowNode, id: NodeId): boolean =>
    id !== copy && node.kind !== 'declare' && writes(node, variable);
  return reachable({ nodes: narrowed, entry: flow.entry }, [flow.entry], changes).has(copy);
}
