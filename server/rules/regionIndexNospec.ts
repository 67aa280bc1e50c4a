import { subexpressions } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import { callsOf, partsAt, pathOf, storeAt } from '../model/paths';
import { decodesIn } from '../model/regionOffsets';
import type { Project } from '../model/project';
import { at } from './report';
import type { Rule } from './rule';

const slots = /^(read|write|mmap|ioctl|get_region_info\w*)$/;

/** The paths in a function that hold a region index of user space: decoded variables, and the index of the request. */
function indexesIn(project: Project, target: FunctionModel): Set<string> {
  const found = new Set<string>();
  const decodes = decodesIn(project, target);
  const infos = [
    ...target.parameters
      .filter(({ type }) => /\bstruct\s+vfio_region_info\b/.test(type))
      .map(({ name }) => name),
  ];
  for (const node of target.flow?.nodes ?? []) {
    if (node.kind === 'declare' && /\bstruct\s+vfio_region_info\b/.test(node.type)) infos.push(node.name);
    const store = storeAt(node);
    if (
      store &&
      decodes.some(({ place }) => [...subexpressions(store.value)].some((part) => part.start === place.start))
    )
      found.add(store.name);
  }
  for (const name of infos) found.add(`${name}.index`);
  return found;
}

/** Whether a function compares an index with a bound that is not a constant of the ABI. */
function compares(target: FunctionModel, path: string): boolean {
  return (target.flow?.nodes ?? []).some((node) =>
    partsAt(node).some(
      (part) =>
        part.kind === 'binary' &&
        /^[<>]=?$/.test(part.operator) &&
        [part.left, part.right].some((side) => pathOf(side) === path),
    ),
  );
}

/** An index of user space is bounded for speculation as well. See region-index-nospec.md. */
export const regionIndexNospec: Rule = {
  id: 'region-index-nospec',
  severity: 'info',
  needs: 'driver',
  title: 'A region index from user space passes array_index_nospec() before it indexes a table.',
  offByDefault:
    'In Linux 7.2 it reports ten accesses of vfio-platform, vfio-fsl-mc and vfio-cdx behind a correct bounds check. ' +
    'No attack on them by speculation is known, and these drivers have not been asked to change.',
  *check({ project }, path) {
    for (const table of project.opsTables(path))
      for (const slot of table.slots.filter((each) => slots.test(each.slot)))
        for (const target of project.definitions(slot.value, table.file)) {
          if (callsOf(target.flow, /^array_index_(mask_)?nospec$/).length > 0) continue;
          const indexes = [...indexesIn(project, target)].filter((each) => compares(target, each));
          const parts = (target.flow?.nodes ?? [])
            .flatMap(partsAt)
            .sort((one, other) => one.start - other.start);
          for (const index of indexes) {
            const used = parts.find((part) => part.kind === 'subscript' && pathOf(part.index) === index);
            // The first place is enough: one array_index_nospec() before it mends all that follow.
            if (used)
              yield at(
                this,
                target,
                used,
                `The bounds check of ${index} does not hold under speculation. Pass it through array_index_nospec() with the size of the table.`,
              );
          }
        }
  },
};
