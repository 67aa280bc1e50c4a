import { isDropped } from '../model/dropped';
import type { Expression } from '../model/c/expressions';
import type { FlowGraph } from '../model/c/flow';
import { bare, callsOf, mentions, pathOf, partsAt, reachable, successors } from '../model/paths';
import { setsAllOf, zeroIsTested } from '../model/zeroAnswer';
import { at } from './report';
import type { Rule } from './rule';

const request =
  /^VFIO_(GROUP_GET_STATUS|DEVICE_GET_(INFO|REGION_INFO|IRQ_INFO)|IOMMU_GET_INFO|IOMMU_MAP_DMA|DEVICE_SET_IRQS|SET_IOMMU|GROUP_SET_CONTAINER)$/;

/** What answers with a size, flags or a count that are zero for what cannot be used. */
const zeroTells = /^VFIO_(GROUP_GET_STATUS|DEVICE_GET_(REGION|IRQ)_INFO)$/;

/** Whether an expression is -1. */
function isMinusOne(expression: Expression): boolean {
  const plain = bare(expression);
  if (plain.kind === 'number') return plain.value === -1;
  return (
    plain.kind === 'unary' &&
    plain.operator === '-' &&
    plain.operand.kind === 'number' &&
    plain.operand.value === 1
  );
}

/** Whether a function writes -1 where an eventfd stands in the data of an interrupt, which takes the eventfd away from it. */
function takesEventfdAway(flow: FlowGraph): boolean {
  return flow.nodes.some((node) =>
    partsAt(node).some((part) => {
      if (part.kind !== 'assign' || part.operator !== '=' || !isMinusOne(part.value)) return false;
      const target = bare(part.target);
      return target.kind === 'subscript' || (target.kind === 'unary' && target.operator === '*');
    }),
  );
}

/** When an ioctl fails, as a sentence. */
function reasonToFail(which: string): string {
  return /GROUP|SET_IOMMU/.test(which)
    ? 'It fails if the group is not viable or in use, or if the IOMMU does not exist.'
    : 'It fails if the region, interrupt or address does not exist.';
}

/** What an ioctl was to fill in is used only when it succeeded. See unchecked-vfio-ioctl.md. */
export const uncheckedVfioIoctl: Rule = {
  id: 'unchecked-vfio-ioctl',
  severity: 'warning',
  title: 'The result of a VFIO ioctl is tested before the struct that it fills is used.',
  needs: 'function',
  *check({ project }, path) {
    if (!project.isUserSpace(path)) return;
    for (const target of project.units(path, 'ioctl')) {
      const { flow } = target;
      for (const { call, node, id } of callsOf(flow, /^ioctl$/)) {
        const which = call.args[1]?.kind === 'name' ? call.args[1].name : '';
        if (!flow || !request.test(which) || !isDropped(flow, node, call)) continue;
        // Without data an interrupt is switched off, masked or unmasked, and there is nothing to do where that fails.
        if (which === 'VFIO_DEVICE_SET_IRQS' && target.text.includes('VFIO_IRQ_SET_DATA_NONE')) continue;
        if (which === 'VFIO_DEVICE_SET_IRQS' && takesEventfdAway(flow)) continue;
        const out = call.args[2] && bare(call.args[2]);
        if (out && zeroTells.test(which) && zeroIsTested(flow, id, out)) continue;
        const root = out && pathOf(out)?.split('.')[0];
        const fills = /GET_(INFO|REGION_INFO|IRQ_INFO|STATUS)$/.test(which);
        // Who called the function has what it filled in, and nothing that says whether it was.
        const handedBack =
          target.parameters.some(({ name }) => name === root) && out !== undefined && !setsAllOf(flow, out);
        const used =
          handedBack ||
          (root !== undefined &&
            [...reachable(flow, successors(node), () => false)].some((each) =>
              flow.nodes[each]
                ? partsAt(flow.nodes[each]).some(
                    (part) => part.kind === 'member' && mentions(part.object, root),
                  )
                : false,
            ));
        if (!fills || used)
          yield at(
            this,
            target,
            call,
            `The result of this ${which} is ignored${fills ? `, but the struct that it fills is used afterwards` : ''}. ${reasonToFail(which)} Test the result.`,
          );
      }
    }
  },
};
