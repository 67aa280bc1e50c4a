import { isDropped } from '../model/dropped';
import { subexpressions, type Expression } from '../model/c/expressions';
import type { FlowGraph, FlowNode, NodeId } from '../model/c/flow';
import { bare, callsOf, reachable, storeAt, successors, writes, type CallSite } from '../model/paths';
import { conditionOn } from '../model/conditions';
import { at } from './report';
import type { Rule } from './rule';

const ioctls = /^(ioctl|\w*ioctl)$/;

/** Whether an expression asks for the region info. */
function asks(call: Extract<Expression, { kind: 'call' }>): boolean {
  const [, request] = call.args;
  return request?.kind === 'name' && request.name === 'VFIO_DEVICE_GET_REGION_INFO';
}

/** What a condition on the call itself says where it is true: that it succeeded, or that it failed. */
function outcome(condition: Expression, call: Expression): 'succeeded' | 'failed' | undefined {
  const plain = bare(condition);
  if (plain === call) return 'failed';
  if (plain.kind === 'unary' && plain.operator === '!') {
    const inner = outcome(plain.operand, call);
    return inner && (inner === 'failed' ? 'succeeded' : 'failed');
  }
  if (plain.kind !== 'binary' || !holds(plain.left, call)) return undefined;
  const right = bare(plain.right);
  const value = right.kind === 'number' ? right.value : undefined;
  if (plain.operator === '==') return value === -1 ? 'failed' : value === 0 ? 'succeeded' : undefined;
  if (plain.operator === '!=') return value === -1 ? 'succeeded' : value === 0 ? 'failed' : undefined;
  if (plain.operator === '<' && value === 0) return 'failed';
  return plain.operator === '>=' && value === 0 ? 'succeeded' : undefined;
}

/** Whether an expression is the call, or stores it and has its value. */
function holds(expression: Expression, call: Expression): boolean {
  const plain = bare(expression);
  return plain === call || (plain.kind === 'assign' && bare(plain.value) === call);
}

/** Where a function goes when the call has failed; undefined when nothing tests it in a form that is known. */
function failureOf(graph: FlowGraph, node: FlowNode, call: Expression): NodeId | undefined {
  if (node.kind === 'branch') {
    const said = outcome(node.condition, call);
    const stored = bare(node.condition);
    if (said === undefined && stored.kind === 'assign' && holds(stored, call)) return node.whenTrue;
    return said && (said === 'failed' ? node.whenTrue : node.whenFalse);
  }
  const store = storeAt(node);
  if (!store || bare(store.value) !== call) return undefined;
  // `ret = ioctl(...)`: the next test of ret decides, when nothing has written it in between.
  let next = successors(node)[0];
  for (let steps = 0; next !== undefined && steps < 4; steps++) {
    const following: FlowNode | undefined = graph.nodes[next];
    if (!following || writes(following, store.name)) return undefined;
    if (following.kind === 'branch') {
      const test = conditionOn(following.condition, store.name);
      return test && (test === 'nonzero' ? following.whenTrue : following.whenFalse);
    }
    next = successors(following)[0];
  }
  return undefined;
}

/** The variables that hold how many regions the device has, as `n = info.num_regions` makes one. */
function counts(graph: FlowGraph): Set<string> {
  return new Set(
    graph.nodes.flatMap((node) => {
      const store = storeAt(node);
      const value = store && bare(store.value);
      return value?.kind === 'member' && value.field === 'num_regions' ? [store?.name ?? ''] : [];
    }),
  );
}

/** Whether a loop runs over all regions of a device. */
function overRegions(node: FlowNode, known: ReadonlySet<string>): boolean {
  return (
    node.kind === 'branch' &&
    node.statement === 'loop' &&
    [...subexpressions(node.condition)].some(
      (part) =>
        (part.kind === 'member' && part.field === 'num_regions') ||
        (part.kind === 'name' && (part.name === 'VFIO_PCI_NUM_REGIONS' || known.has(part.name))),
    )
  );
}

/**
 * Whether a loop has asked for the region before, and got here because it exists: to ask again is to fetch what did not fit
 * the first time, and a failure of that is no missing region. A first answer that nobody looks at says nothing.
 */
function askedBefore(flow: FlowGraph, loop: Extract<FlowNode, { kind: 'branch' }>, again: CallSite): boolean {
  return callsOf(flow, ioctls).some((first) => {
    if (first.node === again.node || !asks(first.call) || isDropped(flow, first.node, first.call))
      return false;
    const leaves = (node: FlowNode): boolean => node === loop;
    if (reachable(flow, [loop.whenTrue], (node) => leaves(node) || node === first.node).has(again.id))
      return false;
    const failure = failureOf(flow, first.node, first.call);
    return failure === undefined || !reachable(flow, [failure], leaves).has(again.id);
  });
}

/** A loop over all regions goes on where one does not exist. See region-einval-tolerance.md. */
export const regionEinvalTolerance: Rule = {
  id: 'region-einval-tolerance',
  severity: 'info',
  title: 'A loop over all regions skips regions that do not exist.',
  needs: 'function',
  *check({ project }, path) {
    if (!project.isUserSpace(path)) return;
    for (const target of project.units(path, 'VFIO_DEVICE_GET_REGION_INFO')) {
      const { flow } = target;
      if (!flow) continue;
      const known = counts(flow);
      for (const site of callsOf(flow, ioctls)) {
        const { id, node, call } = site;
        if (!asks(call)) continue;
        const failure = failureOf(flow, node, call);
        if (failure === undefined) continue;
        const loops = flow.nodes.flatMap((each, loop) =>
          each.kind === 'branch' && overRegions(each, known) ? [{ each, loop }] : [],
        );
        const around = loops.find(({ each }) =>
          reachable(flow, [each.whenTrue], (other) => other === each).has(id),
        );
        if (!around || askedBefore(flow, around.each, site)) continue;
        // The failing side never comes back to the loop.
        if (reachable(flow, [failure], () => false).has(around.loop)) continue;
        yield at(
          this,
          target,
          call,
          'The program gives up at the first region that does not exist. A device may lack the ROM or VGA region, and the kernel may answer -EINVAL for it. Continue with the next region.',
        );
      }
    }
  },
};
