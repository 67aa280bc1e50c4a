import { subexpressions, type Expression } from './c/expressions';
import type { FlowGraph, FlowNode, NodeId } from './c/flow';

/** The nodes that can follow a node. */
export function successors(node: FlowNode): readonly NodeId[] {
  switch (node.kind) {
    case 'evaluate':
    case 'declare':
    case 'unreadable':
      return [node.next];
    case 'branch':
      return [node.whenTrue, node.whenFalse];
    case 'switch':
      return [...node.arms.map((arm) => arm.target), node.fallback?.target ?? node.after];
    case 'fork':
      return node.targets;
    default:
      return [];
  }
}

/** The expressions that one node evaluates. */
export function expressionsAt(node: FlowNode): Expression[] {
  switch (node.kind) {
    case 'evaluate':
      return [node.expression];
    case 'declare':
      return node.initial ? [node.initial] : [];
    case 'branch':
      return [node.condition];
    case 'switch':
      return [node.value];
    case 'return':
      return node.value ? [node.value] : [];
    default:
      return [];
  }
}

/** The parts of nodes that somebody asked for: a graph does not change, and most rules ask for the same ones. */
const knownParts = new WeakMap<FlowNode, readonly Expression[]>();

/** Every expression and part of one that a node evaluates. */
export function partsAt(node: FlowNode): readonly Expression[] {
  let parts = knownParts.get(node);
  if (!parts) {
    parts = expressionsAt(node).flatMap((each) => [...subexpressions(each)]);
    knownParts.set(node, parts);
  }
  return parts;
}

/**
 * The nodes that can be reached from some nodes without going through a barrier; a barrier itself is not among them.
 * @param graph the graph
 * @param from where to start; these nodes are reached in any case
 * @param barrier says of a node whether the way ends there
 */
export function reachable(
  graph: FlowGraph,
  from: readonly NodeId[],
  barrier: (node: FlowNode, id: NodeId) => boolean,
): Set<NodeId> {
  const found = new Set<NodeId>();
  const pending = [...from];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const node = graph.nodes[id];
    if (!node || found.has(id) || barrier(node, id)) continue;
    found.add(id);
    pending.push(...successors(node));
  }
  return found;
}

/** A call with the node it happens in. */
export interface CallSite {
  readonly id: NodeId;
  readonly node: FlowNode;
  readonly call: Extract<Expression, { kind: 'call' }>;
  readonly name: string;
}

/** The calls of a graph by functions of certain names. */
export function callsOf(graph: FlowGraph | undefined, name: RegExp): CallSite[] {
  const found: CallSite[] = [];
  graph?.nodes.forEach((node, id) => {
    for (const part of partsAt(node))
      if (part.kind === 'call' && part.callee.kind === 'name' && name.test(part.callee.name))
        found.push({ id, node, call: part, name: part.callee.name });
  });
  return found;
}

/** An expression without casts around it. */
export function bare(expression: Expression): Expression {
  return expression.kind === 'cast' ? bare(expression.operand) : expression;
}

/** The name an expression is, without casts; undefined for anything else. */
export function nameOfExpression(expression: Expression | undefined): string | undefined {
  const plain = expression && bare(expression);
  return plain?.kind === 'name' ? plain.name : undefined;
}

/** The path of an lvalue as text, as `foo->core.vdev`, without spaces and casts; undefined for calls and the like. */
export function pathOf(expression: Expression): string | undefined {
  const plain = bare(expression);
  if (plain.kind === 'name') return plain.name;
  if (plain.kind === 'member') {
    const owner = pathOf(plain.object);
    return owner === undefined ? undefined : `${owner}.${plain.field}`;
  }
  if (plain.kind === 'unary' && (plain.operator === '&' || plain.operator === '*'))
    return pathOf(plain.operand);
  return undefined;
}

/** Whether an expression mentions a name anywhere. */
export function mentions(expression: Expression, name: string): boolean {
  return [...subexpressions(expression)].some((part) => part.kind === 'name' && part.name === name);
}

/** The variable that a node stores a value into, and the value. */
export function storeAt(node: FlowNode): { name: string; value: Expression } | undefined {
  if (node.kind === 'declare' && node.initial) return { name: node.name, value: node.initial };
  if (node.kind !== 'evaluate') return undefined;
  const { expression } = node;
  if (expression.kind !== 'assign' || expression.operator !== '=') return undefined;
  const name = nameOfExpression(expression.target);
  return name === undefined ? undefined : { name, value: expression.value };
}

/** Whether a node changes a variable. */
export function writes(node: FlowNode, name: string): boolean {
  if (node.kind === 'declare') return node.name === name;
  return partsAt(node).some(
    (part) =>
      (part.kind === 'assign' && nameOfExpression(part.target) === name) ||
      (part.kind === 'update' && nameOfExpression(part.operand) === name),
  );
}
