import { statementAround } from '../model/c/fileModel';
import { accessAnswers, accessHandlers, type AccessHandler } from '../model/regionAccess';
import { unknownIndexFix } from './regionFix';
import { fixable } from './report';
import type { Analysis, Finding, Rule } from './rule';
import { deviceSpecific, failures, locationOf, nameOf, rom, tellingFailures } from './unknownIndex';

const id = 'region-rw-unknown-index';

/** Whether the driver serves every index below its own bound from one table, as the core does. */
function hasOwnTable(analysis: Analysis, handler: AccessHandler): boolean {
  return [rom, 8].some((index) =>
    accessAnswers(analysis.project, handler, index)?.some(
      (answer) => answer.lookedUp && answer.kind !== 'refused',
    ),
  );
}

function* checkHandler(analysis: Analysis, handler: AccessHandler, alone: boolean): Generator<Finding> {
  const delegate = handler.slot.slot === 'read' ? 'vfio_pci_core_read()' : 'vfio_pci_core_write()';
  for (const index of [...deviceSpecific, rom]) {
    const failed = failures(accessAnswers(analysis.project, handler, index), index);
    for (const { place, bound } of tellingFailures(failed, alone)) {
      if (bound && deviceSpecific.includes(index) && hasOwnTable(analysis, handler)) continue;
      const finding: Finding = {
        ...locationOf(statementAround(place)),
        rule: id,
        severity: 'warning',
        function: place.function.name,
        message:
          'An access to a region that this driver does not handle is refused here, but vfio-pci-core may serve that region. ' +
          `Pass it to ${delegate}. If the driver has its own shift, encode the offset as the core does.`,
        related: [
          {
            path: handler.table.file.source.path,
            start: handler.slot.start,
            end: handler.slot.end,
            message: `${handler.table.name} sets .${handler.slot.slot} to ${handler.function.name}().`,
          },
          ...(place.function === handler.function
            ? []
            : [
                {
                  ...nameOf(handler.function),
                  message: `${handler.function.name}() delegates to ${place.function.name}().`,
                },
              ]),
        ],
      };
      yield fixable(finding, () => unknownIndexFix(analysis.project, handler.table));
    }
  }
}

/**
 * In a driver built on vfio-pci-core, .read and .write must hand regions that they do not know to the core. See
 * region-rw-unknown-index.md.
 */
export const regionRwUnknownIndex: Rule = {
  id,
  severity: 'warning',
  title: 'Read and write handlers delegate unknown regions to vfio-pci-core.',
  needs: 'path',
  fixes: 'unsafe',
  *check(analysis, path) {
    for (const table of analysis.project.opsTables(path)) {
      const handlers = accessHandlers(analysis.project, table);
      if (handlers.length === 0 || !analysis.family.isPciCore(table)) continue;
      for (const handler of handlers) {
        const same = handlers.filter((each) => each.slot === handler.slot);
        yield* checkHandler(analysis, handler, same.length === 1);
      }
    }
  },
};
