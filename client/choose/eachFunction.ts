/** One step for each of several functions, in order: a failure does not stop the others, a cancellation does. */
import { neutralise } from '../../protocol/remoteText';
import { sentenceOf } from '../base/userError';

/** What became of one function. */
export interface Outcome<T> {
  readonly item: T;
  readonly result: 'done' | 'failed' | 'not started';
  /** Why it failed, one sentence; empty otherwise. */
  readonly why: string;
}

/**
 * Carries a step out for each item.
 *
 * @param begin called before each step with its number from 0
 * @param signal looked at between steps only: a change of driver that has begun is finished or rolled back
 */
export async function eachFunction<T>(
  items: readonly T[],
  step: (item: T) => Promise<void>,
  begin: (item: T, index: number) => void,
  signal: AbortSignal,
): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  for (const [index, item] of items.entries()) {
    if (signal.aborted) {
      outcomes.push({ item, result: 'not started', why: '' });
      continue;
    }
    begin(item, index);
    try {
      await step(item);
      outcomes.push({ item, result: 'done', why: '' });
    } catch (error) {
      outcomes.push({ item, result: 'failed', why: neutralise(sentenceOf(error)) });
    }
  }
  return outcomes;
}
