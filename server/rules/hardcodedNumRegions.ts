import { subexpressions, type Expression } from '../model/c/expressions';
import type { FlowGraph, FlowNode } from '../model/c/flow';
import { callsOf, nameOfExpression, partsAt, reachable } from '../model/paths';
import { constantOf } from '../model/regionOffsets';
import { at } from './report';
import type { Rule } from './rule';

/** VFIO_PCI_NUM_REGIONS: indexes below it are the same for every PCI device (include/uapi/linux/vfio.h). */
const fixedRegions = 9;

/** Whether a node gives a variable to the member index of a request: `info.index = i`, or an initialiser. */
function givesIndex(node: FlowNode, name: string): boolean {
  const isName = (value: Expression): boolean => nameOfExpression(value) === name;
  return partsAt(node).some(
    (part) =>
      (part.kind === 'assign' &&
        part.target.kind === 'member' &&
        part.target.field === 'index' &&
        isName(part.value)) ||
      (part.kind === 'list' &&
        part.entries.some(({ designator, value }) => designator === '.index' && isName(value))),
  );
}

/** The node that ends a loop, and the variable and the constant that it compares. */
function boundOf(
  node: FlowNode,
  value: (each: Expression) => number | undefined,
): [string, number] | undefined {
  if (node.kind !== 'branch' || node.statement !== 'loop' || node.condition.kind !== 'binary')
    return undefined;
  const { operator, left, right } = node.condition;
  const name = nameOfExpression(left);
  const bound = value(right);
  if (name === undefined || bound === undefined || !/^(<=?|!=)$/.test(operator)) return undefined;
  return [name, operator === '<=' ? bound + 1 : bound];
}

const asksNumber = (flow: FlowGraph): boolean =>
  flow.nodes.some((node) =>
    partsAt(node).some((part) => part.kind === 'member' && part.field === 'num_regions'),
  );

/** How many regions a device has is asked of the device. See hardcoded-num-regions.md. */
export const hardcodedNumRegions: Rule = {
  id: 'hardcoded-num-regions',
  severity: 'info',
  needs: 'function',
  title: 'A loop over device-specific regions is bounded by num_regions.',
  *check({ project }, path) {
    if (!project.mentions(path, 'VFIO_DEVICE_GET_REGION_INFO') || !project.isUserSpace(path)) return;
    for (const target of project.units(path, 'VFIO_DEVICE_GET_REGION_INFO')) {
      const { flow } = target;
      if (!flow || asksNumber(flow)) continue;
      for (const node of flow.nodes) {
        const [name, bound] = boundOf(node, (each) => constantOf(project, each, target)) ?? [];
        if (node.kind !== 'branch' || name === undefined || bound === undefined || bound <= fixedRegions)
          continue;
        const inLoop = reachable(flow, [node.whenTrue], (each) => each === node);
        const asks = callsOf(flow, /./).some(
          ({ id, call }) =>
            inLoop.has(id) &&
            call.args.some((arg) =>
              [...subexpressions(arg)].some(
                (part) => part.kind === 'name' && part.name === 'VFIO_DEVICE_GET_REGION_INFO',
              ),
            ),
        );
        const gives = [...inLoop].some((id) => flow.nodes[id] && givesIndex(flow.nodes[id], name));
        if (asks && gives)
          yield at(
            this,
            target,
            node.condition,
            `The loop queries regions up to index ${bound - 1}. Regions from index ${fixedRegions} on are device-specific. Take their number from num_regions of VFIO_DEVICE_GET_INFO.`,
          );
      }
    }
  },
};
