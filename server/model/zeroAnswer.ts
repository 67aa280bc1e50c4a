import type { Expression } from './c/expressions';
import type { FlowGraph, FlowNode, NodeId } from './c/flow';
import { bare, mentions, nameOfExpression, partsAt, pathOf, reachable, successors } from './paths';

/** What the kernel never answers with zero for something that can be used. */
const telling = /^(size|flags|count)$/;

/** Whether a node gives all of a struct a new value, so that what is not named in it is zero. */
function resets(node: FlowNode, path: string): boolean {
  if (node.kind === 'declare') return node.name === path && node.initial?.kind === 'list';
  return partsAt(node).some((part) => {
    if (part.kind === 'assign')
      return part.operator === '=' && bare(part.value).kind === 'list' && pathOf(part.target) === path;
    if (part.kind !== 'call' || nameOfExpression(part.callee) !== 'memset') return false;
    const [target, byte] = part.args;
    return target !== undefined && pathOf(target) === path && byte?.kind === 'number' && byte.value === 0;
  });
}

/** Whether a function gives all of a struct a new value anywhere. */
export function setsAllOf(flow: FlowGraph, struct: Expression): boolean {
  const path = pathOf(struct);
  return path !== undefined && flow.nodes.some((node) => resets(node, path));
}

/** What a condition is when `size`, `flags` and `count` of a struct are zero; undefined when that does not decide it. */
function whenZero(expression: Expression, path: string): number | undefined {
  const plain = bare(expression);
  if (plain.kind === 'number') return plain.value;
  if (plain.kind === 'member')
    return telling.test(plain.field) && pathOf(plain.object) === path ? 0 : undefined;
  if (plain.kind === 'unary' && plain.operator === '!') {
    const inner = whenZero(plain.operand, path);
    return inner === undefined ? undefined : Number(inner === 0);
  }
  if (plain.kind !== 'binary') return undefined;
  const left = whenZero(plain.left, path);
  const right = whenZero(plain.right, path);
  if (plain.operator === '&' || plain.operator === '&&') return left === 0 || right === 0 ? 0 : undefined;
  // What is compared with a mask is not known to differ from zero, but a comparison with zero itself is decided.
  if (left === undefined || right === undefined) return undefined;
  if (plain.operator === '==') return Number(left === right);
  if (plain.operator === '!=') return Number(left !== right);
  return plain.operator === '>' ? Number(left > right) : undefined;
}

/**
 * Whether what an ioctl was to fill in is zero where it failed, and the function turns away from that before it uses anything
 * else of it: `info = (struct ...){ ... }; ioctl(fd, ..., &info); if (!info.size) return -EINVAL;`.
 * @param flow the function
 * @param id the node of the call
 * @param out what the call was to fill in
 */
export function zeroIsTested(flow: FlowGraph, id: NodeId, out: Expression): boolean {
  const node = flow.nodes[id];
  const path = pathOf(out);
  if (!node || path === undefined) return false;
  const again = (each: FlowNode): boolean => resets(each, path);
  if (reachable(flow, [flow.entry, ...successors(node)], again).has(id)) return false;
  const [root = path] = path.split('.');
  const uses = (each: FlowNode): boolean => partsAt(each).some((part) => mentions(part, root));
  const before = reachable(flow, successors(node), uses);
  const first = new Set(
    [id, ...before]
      .flatMap((each) => successors(flow.nodes[each] ?? node))
      .filter((each) => !before.has(each)),
  );
  return (
    first.size > 0 &&
    [...first].every((each) => {
      const test = flow.nodes[each];
      const value = test?.kind === 'branch' ? whenZero(test.condition, path) : undefined;
      if (test?.kind !== 'branch' || value === undefined) return false;
      const zeroSide = value === 0 ? test.whenFalse : test.whenTrue;
      return [...reachable(flow, [zeroSide], again)].every((other) => {
        const reached = flow.nodes[other];
        return !reached || !uses(reached);
      });
    })
  );
}
