import type { Decision } from '../model/execute/state';
import type { Place } from '../model/execute/values';
import type { FunctionModel } from '../model/c/fileModel';
import { responsiblePlace, type Answer } from '../model/regionInfo';
import type { Location } from './rule';

/**
 * Indexes that stand for all a driver may not know: the first device-specific ones behind VFIO_PCI_NUM_REGIONS, and the
 * ROM region, which a driver written for BARs and configuration space forgets. Not VGA: the core refuses it as well.
 */
export const deviceSpecific = [9, 10];
export const rom = 6;

/** Outcomes that end the check: one path that serves the request, or that cannot be modelled, silences the rule. */
const serves: ReadonlySet<Answer['kind']> = new Set(['delegated', 'described', 'unknown']);

/** The answers to an index that certainly do not serve user space, or none. */
export function failures(answers: readonly Answer[] | undefined, index: number): Answer[] {
  if (!answers || answers.some((answer) => serves.has(answer.kind))) return [];
  const known = index === rom;
  return answers.filter((answer) => {
    if (answer.kind === 'refused' || answer.kind === 'untouched') return !(known && answer.named);
    // A ROM region of size 0 is the right answer for a device without one.
    return answer.kind === 'empty' && !known;
  });
}

/** A place of a model as a location in its file. */
export function locationOf(place: Place): Location {
  const { file, item } = place.function;
  return { path: file.source.path, start: item.start + place.start, end: item.start + place.end };
}

/** Where the name of a function stands. */
export function nameOf(target: FunctionModel): Location {
  const { start, end } = target.nameSpan;
  return { path: target.file.source.path, start, end };
}

/** A failure and the place that is responsible for it. */
export interface TellingFailure {
  readonly answer: Answer;
  readonly place: Place;
  readonly decision: Decision | undefined;
  readonly bound: boolean;
}

/** The failures whose place tells something: those the index decided, or the last one of a function that always refuses. */
export function tellingFailures(all: readonly Answer[], alone: boolean): TellingFailure[] {
  const placed = all.flatMap((answer) => {
    const responsible = responsiblePlace(answer);
    return responsible ? [{ answer, ...responsible, bound: responsible.decision?.bound ?? false }] : [];
  });
  const decided = placed.filter(({ decision }) => decision !== undefined);
  // A stub for a configuration without the driver refuses everything, and rightly so.
  if (decided.length > 0 || !alone) return decided;
  return placed.sort((a, b) => b.place.start - a.place.start).slice(0, 1);
}
