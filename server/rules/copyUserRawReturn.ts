import type { Expression } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import type { FlowGraph, FlowNode, NodeId } from '../model/c/flow';
import { bare, nameOfExpression, partsAt, storeAt, successors, writes } from '../model/paths';
import { conditionOn } from '../model/conditions';
import { at } from './report';
import type { Rule } from './rule';

const copies = /^(__)?copy_(to|from)_user(_nofault|_inatomic)?$/;

function isCopy(expression: Expression): boolean {
  const plain = bare(expression);
  return plain.kind === 'call' && plain.callee.kind === 'name' && copies.test(plain.callee.name);
}

/** The expression inside another one whose value goes out as it is, when it fits. */
function passed(expression: Expression, fits: (each: Expression) => boolean): Expression | undefined {
  const plain = bare(expression);
  if (fits(plain)) return plain;
  if (plain.kind === 'conditional')
    return [plain.then ?? plain.test, plain.otherwise].map((each) => passed(each, fits)).find(Boolean);
  return plain.kind === 'comma' ? passed(plain.right, fits) : undefined;
}

/**
 * Whether the words of a function leave it possible that a copy's result goes anywhere: before the call, in its statement,
 * stands a `return` or an assignment. Most calls stand in the test of an `if`, and their functions need no grammar.
 */
function mayPassOn(target: FunctionModel): boolean {
  const words = target.file.source.spellings(target.item);
  return words.some((word, call) => {
    if (!copies.test(word)) return false;
    for (let at = call - 1; at >= 0; at--) {
      const before = words[at] ?? '';
      if (/^([-+*/%&|^]|<<|>>)?=$|^return$/.test(before)) return true;
      if (/^[;{}]$/.test(before)) return false;
    }
    return false;
  });
}

/** Whether a variable's value can be returned unchanged from a point on, while it is not zero. */
function isReturned(graph: FlowGraph, from: NodeId, variable: string): boolean {
  const seen = new Set<string>();
  const pending: [NodeId, string][] = [[from, variable]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [id, name] = next;
    const node = graph.nodes[id];
    if (!node || seen.has(`${id} ${name}`)) continue;
    seen.add(`${id} ${name}`);
    const isName = (each: Expression): boolean => nameOfExpression(each) === name;
    if (node.kind === 'return') {
      if (node.value && passed(node.value, isName)) return true;
      continue;
    }
    const store = storeAt(node);
    if (store && store.name !== name && passed(store.value, isName)) pending.push([idOf(node), store.name]);
    if (writes(node, name)) continue;
    if (node.kind === 'branch') {
      const test = conditionOn(node.condition, name);
      if (test !== 'zero') pending.push([node.whenTrue, name]);
      if (test !== 'nonzero') pending.push([node.whenFalse, name]);
    } else pending.push(...successors(node).map((each): [NodeId, string] => [each, name]));
  }
  return false;
}

function idOf(node: FlowNode): NodeId {
  return successors(node)[0] ?? -1;
}

/** What a condition stores, as in `if ((left = copy_to_user(...)))`. */
function storeInTest(node: FlowNode): { name: string; value: Expression } | undefined {
  if (node.kind !== 'branch') return undefined;
  for (const part of partsAt(node)) {
    const name = part.kind === 'assign' && part.operator === '=' ? nameOfExpression(part.target) : undefined;
    if (part.kind === 'assign' && name !== undefined && isCopy(part.value))
      return { name, value: part.value };
  }
  return undefined;
}

/** Where a copy that failed goes on from a node that stores its result. */
function starts(node: FlowNode, name: string): readonly NodeId[] {
  if (node.kind !== 'branch') return successors(node);
  const test = conditionOn(node.condition, name);
  if (test === undefined) return successors(node);
  return [test === 'nonzero' ? node.whenTrue : node.whenFalse];
}

/** A function that is made to return the number of bytes left may do so. */
const returnsCount = (target: FunctionModel): boolean =>
  /\bunsigned\b|\bsize_t\b|\bu(32|64)\b|\bbool\b/.test(target.returnType);

/** copy_to_user() returns a number of bytes, which is no error code. See copy-user-raw-return.md. */
export const copyUserRawReturn: Rule = {
  id: 'copy-user-raw-return',
  severity: 'error',
  title: 'The return value of a user copy is not returned as an error code.',
  needs: 'function',
  fixes: 'safe',
  *check({ project }, path) {
    for (const target of [...project.units(path, 'copy_to_user'), ...project.units(path, 'copy_from_user')]) {
      if (!mayPassOn(target) || returnsCount(target)) continue;
      const { flow } = target;
      if (!flow) continue;
      for (const node of flow.nodes) {
        const store = storeAt(node) ?? storeInTest(node);
        const value = node.kind === 'return' ? node.value : store?.value;
        const copy = value && passed(value, isCopy);
        if (!copy) continue;
        if (store && !starts(node, store.name).some((from) => isReturned(flow, from, store.name))) continue;
        const end = target.item.start + copy.end;
        yield at(
          this,
          target,
          copy,
          'This value is the number of bytes that were not copied, not an error code: user space sees success. ' +
            'Return -EFAULT when it is not zero.',
          {
            fix: () => ({
              title: 'Return -EFAULT when the copy fails',
              safe: true,
              edits: [{ path: target.file.source.path, start: end, end, text: ' ? -EFAULT : 0' }],
            }),
          },
        );
      }
    }
  },
};
