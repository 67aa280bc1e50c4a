/** How long to wait before trying again: doubling, with a bound, spread so that windows do not come back in step. */
const FIRST_SECONDS = 1;
const LONGEST_SECONDS = 60;
const SPREAD = 0.25;

/**
 * @param attempt counted from 0
 * @param random between 0 and 1, given by tests
 * @returns whole seconds, at least 1
 */
export function backOffSeconds(attempt: number, random = Math.random()): number {
  const plain = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(attempt, 10));
  return Math.max(1, Math.round(plain * (1 - SPREAD + 2 * SPREAD * random)));
}
