import type { Expression } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import type { FlowGraph, FlowNode, NodeId } from '../model/c/flow';
import {
  bare,
  expressionsAt,
  mentions,
  nameOfExpression,
  partsAt,
  pathOf,
  reachable,
  successors,
} from '../model/paths';
import { at } from './report';
import type { Finding, Rule } from './rule';

/** A call that hands a request of VFIO to a descriptor, by ioctl() itself or a wrapper that takes the same arguments. */
interface Request {
  readonly id: NodeId;
  readonly call: Extract<Expression, { kind: 'call' }>;
  readonly name: string;
  readonly file: string | undefined;
  readonly out: Expression | undefined;
}

function requestsOf(flow: FlowGraph): Request[] {
  return flow.nodes.flatMap((node, id) =>
    partsAt(node).flatMap((call) => {
      if (call.kind !== 'call') return [];
      const where = call.args.findIndex((arg) => /^VFIO_/.test(nameOfExpression(arg) ?? ''));
      const name = nameOfExpression(call.args[where]);
      const file = where > 0 ? call.args[where - 1] : undefined;
      return name === undefined || !file
        ? []
        : [{ id, call, name, file: pathOf(file), out: call.args[where + 1] }];
    }),
  );
}

/** Stands for a node that is not there, which no id of a request names. */
const noNode: FlowNode = { kind: 'fork', targets: [] };

const flag = 'VFIO_GROUP_FLAGS_VIABLE';

/** A group whose state was asked for and not looked at. */
function* unlooked(
  rule: Rule,
  target: FunctionModel,
  flow: FlowGraph,
  all: readonly Request[],
): Generator<Finding> {
  for (const ask of all.filter(({ name }) => name === 'VFIO_GROUP_GET_STATUS')) {
    const out = ask.out && bare(ask.out);
    const status = out?.kind === 'unary' && out.operator === '&' ? nameOfExpression(out.operand) : undefined;
    if (status === undefined) continue;
    const looks = flow.nodes.some(
      (node) =>
        partsAt(node).some(
          (part) =>
            (part.kind === 'member' && part.field === 'flags' && mentions(part.object, status)) ||
            // A function that receives the status may test it.
            (part.kind === 'call' &&
              part !== ask.call &&
              part.args.some((arg) => mentions(arg, status)) &&
              !/^(memset|bzero)$/.test(nameOfExpression(part.callee) ?? '')),
        ) ||
        (node.kind === 'return' && node.value !== undefined && mentions(node.value, status)),
    );
    const after = reachable(flow, successors(flow.nodes[ask.id] ?? noNode), () => false);
    const uses = all.find(
      ({ id, name, file }) => name === 'VFIO_GROUP_SET_CONTAINER' && file === ask.file && after.has(id),
    );
    const named = flow.nodes.some((node) => expressionsAt(node).some((each) => mentions(each, flag)));
    if (uses && !looks && !named)
      yield at(
        rule,
        target,
        ask.call,
        `The flags of ${status} are not tested. A group is not viable unless all its devices are bound to vfio, and VFIO_GROUP_SET_CONTAINER then fails without saying why. Test ${flag}.`,
      );
  }
}

/** Requests in an order that the kernel refuses, when the function makes both on the same descriptor. */
function* misordered(
  rule: Rule,
  target: FunctionModel,
  flow: FlowGraph,
  all: readonly Request[],
): Generator<Finding> {
  const orders = [
    ['VFIO_GROUP_SET_CONTAINER', 'VFIO_SET_IOMMU', 'a container has no IOMMU before it has a group'],
    [
      'VFIO_SET_IOMMU',
      'VFIO_GROUP_GET_DEVICE_FD',
      'a group hands out a device only after its container has an IOMMU',
    ],
  ] as const;
  for (const [first, second, why] of orders) {
    const firsts = all.filter(({ name }) => name === first);
    for (const late of all.filter(({ name }) => name === second)) {
      if (firsts.length === 0) continue;
      const without = reachable(flow, [flow.entry], (_, id) => firsts.some((each) => each.id === id)).has(
        late.id,
      );
      const before = firsts.some((each) =>
        reachable(flow, successors(flow.nodes[each.id] ?? noNode), () => false).has(late.id),
      );
      // Only where the second never follows the first, and the first still follows the second.
      const after = reachable(flow, successors(flow.nodes[late.id] ?? noNode), () => false);
      if (without && !before && firsts.some(({ id }) => after.has(id)))
        yield at(
          rule,
          target,
          late.call,
          `${second} is called before ${first}. The kernel refuses it: ${why}. Call ${first} first.`,
        );
    }
  }
}

/** Questions whose answer is the result of the ioctl, and is dropped. */
function* unanswered(
  rule: Rule,
  target: FunctionModel,
  flow: FlowGraph,
  all: readonly Request[],
): Generator<Finding> {
  for (const { id, call, name } of all) {
    const node = flow.nodes[id];
    if (!/^VFIO_(GET_API_VERSION|CHECK_EXTENSION)$/.test(name) || nameOfExpression(call.callee) !== 'ioctl')
      continue;
    if (node?.kind === 'evaluate' && node.expression === call)
      yield at(
        rule,
        target,
        call,
        `${name} answers in its return value, which is ignored here: the kernel may lack what the program needs. Compare it with ${name === 'VFIO_GET_API_VERSION' ? 'VFIO_API_VERSION' : '0'}.`,
      );
  }
}

/** A group is usable, and its container has an IOMMU, before its device is used. See group-not-viable.md. */
export const groupNotViable: Rule = {
  id: 'group-not-viable',
  severity: 'warning',
  needs: 'file',
  title: 'VFIO group status is checked, and group, container and IOMMU are set up in order.',
  *check({ project }, path) {
    if (!project.mentions(path, 'VFIO_') || !project.isUserSpace(path)) return;
    const units = ['VFIO_GROUP_', 'VFIO_GET_API_VERSION', 'VFIO_CHECK_EXTENSION'].flatMap((word) => [
      ...project.units(path, word),
    ]);
    for (const target of new Set(units)) {
      const { flow } = target;
      const all = flow ? requestsOf(flow) : [];
      if (!flow || !target.isReadable || all.length === 0) continue;
      yield* unlooked(this, target, flow, all);
      yield* misordered(this, target, flow, all);
      yield* unanswered(this, target, flow, all);
    }
  },
};
