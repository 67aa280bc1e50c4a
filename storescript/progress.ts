/** Which stores were sent when a run ended: nothing in a script is decided by what happens, so the place tells it all. */
import type { ScriptResult, ScriptStep } from '../protocol/runOperations';

/** How often a store or a burst's store was sent. */
export interface Sent {
  /** Index of the step. */
  readonly step: number;
  /** How many it would have been in a run to the end. */
  readonly planned: number;
  readonly sent: number;
  /** Of those, how many the kernel refused or shortened. */
  readonly failed: number;
}

/**
 * @param end where and how the run ended; undefined when that is not known, and then nothing counts as sent
 * @returns one entry for each store and burst, in the order of the steps
 */
export function storesSent(
  steps: readonly ScriptStep[],
  end: Pick<ScriptResult, 'ended' | 'at' | 'failure'> | undefined,
): Sent[] {
  const all = steps.map(() => 0);
  complete(steps, 0, steps.length, 1, all);
  const done = steps.map(() => 0);
  if (end?.at && end.ended !== 'refused') partial(steps, 0, steps.length, end.at, 0, done);
  return steps.flatMap((step, index) => {
    if (step.do !== 'store' && step.do !== 'burst') return [];
    const each = step.do === 'burst' ? step.count : 1;
    const runs = end && !end.at ? (all[index] ?? 0) : (done[index] ?? 0);
    let sent = runs * each;
    let failed = step.do === 'store' && step.error !== undefined ? runs : 0;
    if (end?.at?.step === index && end.ended !== 'refused') {
      const here = step.do === 'burst' ? end.at.sent : end.ended === 'failed' ? 1 : 0;
      sent += here;
      if (end.ended === 'failed' && end.failure?.code !== 'none') failed++;
    }
    return [{ step: index, planned: (all[index] ?? 0) * each, sent, failed }];
  });
}

/** Counts the steps from one to before another, each so often as the repeats between them say. */
function complete(
  steps: readonly ScriptStep[],
  from: number,
  to: number,
  times: number,
  counts: number[],
): void {
  const around = [times];
  for (let index = from; index < to; index++) {
    const step = steps[index];
    if (step?.do === 'repeat') around.push((around.at(-1) ?? 1) * step.count);
    else if (step?.do === 'end') around.pop();
    else counts[index] = (counts[index] ?? 0) + (around.at(-1) ?? 1);
  }
}

/** Counts what was carried out from one step on up to the place, which is before `to`. */
function partial(
  steps: readonly ScriptStep[],
  from: number,
  to: number,
  at: NonNullable<ScriptResult['at']>,
  depth: number,
  counts: number[],
): void {
  for (let index = from; index < to && index < at.step; index++) {
    const end = steps[index]?.do === 'repeat' ? endOf(steps, index) : index;
    if (at.step > end) complete(steps, index, end + 1, 1, counts);
    else {
      complete(steps, index + 1, end, at.rounds[depth] ?? 0, counts);
      partial(steps, index + 1, end, at, depth + 1, counts);
    }
    index = end;
  }
}

/** The `end` of a `repeat`. */
function endOf(steps: readonly ScriptStep[], start: number): number {
  let depth = 0;
  for (let index = start; index < steps.length; index++) {
    const kind = steps[index]?.do;
    if (kind === 'repeat') depth++;
    if (kind === 'end' && --depth === 0) return index;
  }
  return steps.length;
}
