import { subexpressions } from '../model/expressions';
import { callsOf, reachable, successors } from '../model/paths';
import { at } from './report';
import type { Rule } from './rule';

/** A loop over all regions goes on where one does not exist. See region-einval-tolerance.md. */
export const regionEinvalTolerance: Rule = {
  id: 'region-einval-tolerance',
  severity: 'info',
  title: 'A loop over all regions goes on where one does not exist.',
  needs: 'function',
  *check({ project }, path) {
    if (!project.isUserSpace(path)) return;
    for (const target of project.units(path, 'VFIO_DEVICE_GET_REGION_INFO')) {
      const { flow } = target;
      for (const { id, node, call } of callsOf(flow, /^ioctl$/)) {
        if (
          !flow ||
          call.args[1]?.kind !== 'name' ||
          call.args[1].name !== 'VFIO_DEVICE_GET_REGION_INFO' ||
          node.kind !== 'branch'
        )
          continue;
        const loop = flow.nodes.find(
          (each) =>
            each.kind === 'branch' &&
            each.statement === 'loop' &&
            [...subexpressions(each.condition)].some(
              (part) =>
                (part.kind === 'member' && part.field === 'num_regions') ||
                (part.kind === 'name' && part.name === 'VFIO_PCI_NUM_REGIONS'),
            ),
        );
        if (loop?.kind !== 'branch') continue;
        const inLoop = reachable(flow, [loop.whenTrue], (each) => each === loop).has(id);
        const failure = successors(node)[0];
        // The failing side never comes back to the loop.
        const goesOn =
          failure !== undefined && reachable(flow, [failure], () => false).has(flow.nodes.indexOf(loop));
        if (inLoop && !goesOn)
          yield at(
            this,
            target,
            call,
            'The program gives up at the first region that does not exist. A device need not have a ROM or a VGA region, and the kernel may answer -EINVAL for one: go on with the next.',
          );
      }
    }
  },
};
