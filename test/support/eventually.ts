import assert from 'node:assert/strict';

/** Waits until a condition holds; fails with what was seen last. */
export async function eventually<T>(look: () => T, holds: (seen: T) => boolean): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const seen = look();
    if (holds(seen)) return seen;
    if (Date.now() > end) assert.fail(`not in time; seen last: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
