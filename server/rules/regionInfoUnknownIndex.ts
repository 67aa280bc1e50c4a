import type { Place } from '../model/execute/values';
import { firstOwnOffset } from '../model/offsets';
import {
  answersFor,
  regionInfoHandlers,
  responsiblePlace,
  type Answer,
  type RegionInfoHandler,
} from '../model/regionInfo';
import { statementAround, type FunctionModel } from '../model/fileModel';
import type { Analysis, Finding, Location, Related, Rule } from './rule';

const id = 'region-info-unknown-index';

/**
 * Indexes that stand for all a driver may not know: the first device-specific ones behind VFIO_PCI_NUM_REGIONS, and the
 * ROM region, which a driver written for BARs and configuration space forgets. Not VGA: the core refuses it as well.
 */
const deviceSpecific = [9, 10];
const rom = 6;

/** Answers that serve user space, or of which nobody can know; one of them among the ways is enough to stay silent. */
const serves: ReadonlySet<Answer['kind']> = new Set(['delegated', 'described', 'unknown']);

/** The answers to an index that certainly do not serve user space, or none. */
function failures(analysis: Analysis, handler: RegionInfoHandler, index: number): Answer[] {
  const answers = answersFor(analysis.project, handler, index) ?? [];
  if (answers.some((answer) => serves.has(answer.kind))) return [];
  const known = index === rom;
  return answers.filter((answer) => {
    if (answer.kind === 'refused' || answer.kind === 'untouched') return !(known && answer.named);
    // A ROM region of size 0 is the right answer for a device without one.
    return answer.kind === 'empty' && !known;
  });
}

/** Whether the driver serves every index below its own bound from one table, as the core does. */
function hasOwnTable(analysis: Analysis, handler: RegionInfoHandler): boolean {
  return [rom, 8].some((index) =>
    answersFor(analysis.project, handler, index)?.some(
      (answer) => answer.kind === 'described' && answer.lookedUp,
    ),
  );
}

function locationOf(place: Place): Location {
  const { file, item } = place.function;
  return { path: file.source.path, start: item.start + place.start, end: item.start + place.end };
}

function message(handler: RegionInfoHandler, kind: Answer['kind']): string {
  const delegate = handler.style === 'ioctl' ? 'vfio_pci_core_ioctl()' : 'vfio_pci_ioctl_get_region_info()';
  const what =
    kind === 'refused'
      ? 'A region index that this driver does not handle is refused here'
      : kind === 'empty'
        ? 'A region index that this driver does not handle is reported here as an empty region'
        : 'A region index that this driver does not handle falls through here and goes back unanswered';
  return (
    `${what}, which breaks the regions that vfio-pci-core offers beyond the driver's own. ` +
    `Pass it to ${delegate}, and write info->offset again afterwards if the driver has an offset shift of its own.`
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
      message: `${table.name} names ${handler.function.name}() as .${slot.slot}; the driver is built on vfio-pci-core.`,
    },
  ];
  const name = nameOf(handler.function);
  if (place.function !== handler.function)
    story.push({
      ...name,
      message: `${handler.function.name}() leaves the answer to ${place.function.name}().`,
    });
  story.push({
    ...name,
    message:
      'VFIO_DEVICE_GET_INFO reports at least 9 regions, so user space that walks all indexes asks for the ROM region, ' +
      'index 6, as well and stops at an error. The interface lets a region that does not exist be described with size 0.',
  });
  const own = firstOwnOffset(handler.function);
  if (own)
    story.push({
      ...locationOf({ function: handler.function, ...own.span }),
      message:
        `Offsets are encoded with ${own.macro}() here, while vfio-pci-core encodes with a shift of 40: after delegating, ` +
        'encode info->offset again, and let the read and write path hand other indexes on as well.',
    });
  return story;
}

function nameOf(target: FunctionModel): Location {
  const { start, end } = target.nameSpan;
  return { path: target.file.source.path, start, end };
}

/** The failures whose place tells something: those the index decided, or the last one of a function that always refuses. */
function tellingFailures(
  all: readonly Answer[],
  alone: boolean,
): { answer: Answer; place: Place; bound: boolean }[] {
  const placed = all.flatMap((answer) => {
    const responsible = responsiblePlace(answer);
    return responsible ? [{ answer, ...responsible, bound: responsible.decision?.bound ?? false }] : [];
  });
  const decided = placed.filter(({ decision }) => decision !== undefined);
  // A stub for a configuration without the driver refuses everything, and rightly so.
  if (decided.length > 0 || !alone) return decided;
  return placed.sort((a, b) => b.place.start - a.place.start).slice(0, 1);
}

/** What one handler does wrong: one finding for each place that refuses. */
function* checkHandler(analysis: Analysis, handler: RegionInfoHandler, alone: boolean): Generator<Finding> {
  const places = new Set<string>();
  for (const index of [...deviceSpecific, rom])
    for (const { answer, place, bound } of tellingFailures(failures(analysis, handler, index), alone)) {
      if (bound && deviceSpecific.includes(index) && hasOwnTable(analysis, handler)) continue;
      const statement = statementAround(place);
      const location = locationOf(statement);
      const key = `${location.path}:${location.start}`;
      if (places.has(key)) continue;
      places.add(key);
      yield {
        ...location,
        rule: id,
        severity: 'warning',
        function: place.function.name,
        message: message(handler, answer.kind),
        related: related(handler, place),
      };
    }
}

/**
 * In a driver built on vfio-pci-core, whoever answers VFIO_DEVICE_GET_REGION_INFO must pass an index it does not handle to
 * the core. See region-info-unknown-index.md.
 */
export const regionInfoUnknownIndex: Rule = {
  id,
  severity: 'warning',
  title: 'A region info handler passes an index that it does not handle to vfio-pci-core.',
  *check(analysis, path) {
    for (const table of analysis.project.opsTables(path)) {
      const handlers = regionInfoHandlers(analysis.project, table);
      if (handlers.length === 0 || !analysis.family.isPciCore(table)) continue;
      for (const handler of handlers) yield* checkHandler(analysis, handler, handlers.length === 1);
    }
  },
};
