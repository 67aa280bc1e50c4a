/** Growth of cost, told by ratios within one run: never by what a machine takes for something. */

/** Below this, in milliseconds, a difference is noise: both sides of a ratio are raised by it. */
const noise = 2;

function timeOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/**
 * How many times more a piece of work takes for four times the size than for the size, divided by four: 1 is linear growth, 4 is
 * quadratic growth. The least of some attempts counts, because others may use the machine.
 */
export function growth(work: (size: number) => void, size: number, bound: number, attempts = 5): number {
  let least = Infinity;
  for (let attempt = 0; attempt < attempts && least > bound; attempt++) {
    const small = timeOf(() => work(size));
    const large = timeOf(() => work(size * 4));
    least = Math.min(least, (large + noise) / (small * 4 + noise));
  }
  return least;
}

/**
 * Raises the size step by step and stops at the first step that grows too fast, so that even cubic growth ends soon.
 *
 * @returns the worst growth that was seen
 */
export function worstGrowth(work: (size: number) => void, sizes: readonly number[], bound: number): number {
  let worst = 0;
  for (const size of sizes) {
    worst = Math.max(worst, growth(work, size, bound));
    if (worst > bound) break;
  }
  return worst;
}
