import type { Place } from '../model/execute/values';
import { unknownIndexFix } from './regionFix';
import { fixable } from './report';
import { firstOwnOffset } from '../model/offsets';
import { answersFor, regionInfoHandlers, type Answer, type RegionInfoHandler } from '../model/regionInfo';
import { statementAround } from '../model/c/fileModel';
import type { Analysis, Finding, Related, Rule } from './rule';
import { deviceSpecific, failures, locationOf, nameOf, rom, tellingFailures } from './unknownIndex';

const id = 'region-info-unknown-index';

/** Whether the driver serves every index below its own bound from one table, as the core does. */
function hasOwnTable(analysis: Analysis, handler: RegionInfoHandler): boolean {
  return [rom, 8].some((index) =>
    answersFor(analysis.project, handler, index)?.some(
      (answer) => answer.kind === 'described' && answer.lookedUp,
    ),
  );
}

function message(handler: RegionInfoHandler, kind: Answer['kind']): string {
  const delegate = handler.style === 'ioctl' ? 'vfio_pci_core_ioctl()' : 'vfio_pci_ioctl_get_region_info()';
  const what =
    kind === 'refused'
      ? 'A region index that this driver does not handle is refused here'
      : kind === 'empty'
        ? 'A region index that this driver does not handle is reported as an empty region here'
        : 'A region index that this driver does not handle gets no answer here';
  return (
    `${what}, which breaks the regions that vfio-pci-core adds. Pass it to ${delegate}. ` +
    'If the driver has its own offset shift, encode info->offset again afterwards.'
  );
}

function related(handler: RegionInfoHandler, place: Place): Related[] {
  const { table, slot } = handler;
  const tablePath = table.file.source.path;
  const story: Related[] = [
    {
      path: tablePath,
      start: slot.start,
      end: slot.end,
      message: `${table.name} sets .${slot.slot} to ${handler.function.name}(). The driver is built on vfio-pci-core.`,
    },
  ];
  const name = nameOf(handler.function);
  if (place.function !== handler.function)
    story.push({
      ...name,
      message: `${handler.function.name}() delegates to ${place.function.name}().`,
    });
  story.push({
    ...name,
    message:
      'VFIO_DEVICE_GET_INFO reports at least 9 regions. User space that queries all of them also queries the ROM region, ' +
      'index 6, and stops at an error. A region that does not exist can be reported with size 0.',
  });
  const own = firstOwnOffset(handler.function);
  if (own)
    story.push({
      ...locationOf({ function: handler.function, ...own.span }),
      message:
        `This driver encodes offsets with ${own.macro}(), vfio-pci-core with a shift of 40. After delegating, ` +
        'encode info->offset again. Delegate other indexes in the read and write path too.',
    });
  return story;
}

/** What one handler does wrong: one finding for each place that refuses. */
function* checkHandler(analysis: Analysis, handler: RegionInfoHandler, alone: boolean): Generator<Finding> {
  const places = new Set<string>();
  for (const index of [...deviceSpecific, rom])
    for (const { answer, place, bound } of tellingFailures(
      failures(answersFor(analysis.project, handler, index), index),
      alone,
    )) {
      if (bound && deviceSpecific.includes(index) && hasOwnTable(analysis, handler)) continue;
      const statement = statementAround(place);
      const location = locationOf(statement);
      const key = `${location.path}:${location.start}`;
      if (places.has(key)) continue;
      places.add(key);
      const finding: Finding = {
        ...location,
        rule: id,
        severity: 'warning',
        function: place.function.name,
        message: message(handler, answer.kind),
        related: related(handler, place),
      };
      yield fixable(finding, () => unknownIndexFix(analysis.project, handler.table));
    }
}

/**
 * In a driver built on vfio-pci-core, the handler of VFIO_DEVICE_GET_REGION_INFO must pass an index it does not handle to
 * the core. See region-info-unknown-index.md.
 */
export const regionInfoUnknownIndex: Rule = {
  id,
  severity: 'warning',
  title: 'A region info handler delegates unknown indexes to vfio-pci-core.',
  needs: 'path',
  fixes: 'safe or unsafe',
  *check(analysis, path) {
    for (const table of analysis.project.opsTables(path)) {
      const handlers = regionInfoHandlers(analysis.project, table);
      if (handlers.length === 0 || !analysis.family.isPciCore(table)) continue;
      for (const handler of handlers) yield* checkHandler(analysis, handler, handlers.length === 1);
    }
  },
};
