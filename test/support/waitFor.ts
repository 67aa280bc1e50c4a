import assert from 'node:assert/strict';

export interface WaitOptions {
  /** Gives up after so many seconds. Generous: a test waits for a condition, never for a time. */
  readonly seconds?: number;
  /** Between two looks, in milliseconds. */
  readonly everyMs?: number;
}

/**
 * Looks until what is seen is as wanted: the one loop of the tests that waits.
 *
 * @param look a failure of it counts as not seen yet
 * @param holds whether what was seen is what the test waits for; by default, that it is true
 * @returns what was seen
 * @throws AssertionError with what was seen last
 */
export async function waitFor<T>(
  look: () => T | Promise<T>,
  holds: (seen: T) => boolean = (seen) => Boolean(seen),
  { seconds = 20, everyMs = 20 }: WaitOptions = {},
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    let last: unknown;
    try {
      const seen = await look();
      if (holds(seen)) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end)
      assert.fail(
        `not seen within ${seconds} s; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
