/** Latencies put together for a plot: as many bins for each power of ten, whatever the helper's own buckets are. */
import type { BurstRun } from './burstRun';

/** Bins for each power of ten. */
const PER_DECADE = 24;

/** A stretch of latencies in nanoseconds, its end exclusive, and how many stores took so long. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The bins that any of some runs has stores in, in ascending order with none left out in between, for each run. */
export function binsOf(runs: readonly BurstRun[]): Bin[][] {
  const counted = runs.map((run) => {
    const counts = new Map<number, number>();
    for (const [from, count] of run.result.latencyNs?.buckets ?? []) {
      const bin = Math.floor(Math.log10(Math.max(from, 1)) * PER_DECADE);
      counts.set(bin, (counts.get(bin) ?? 0) + count);
    }
    return counts;
  });
  const all = counted.flatMap((counts) => [...counts.keys()]);
  const first = Math.min(...all);
  const last = Math.max(...all);
  return counted.map((counts) =>
    all.length === 0
      ? []
      : Array.from({ length: last - first + 1 }, (_, at) => ({
          from: 10 ** ((first + at) / PER_DECADE),
          to: 10 ** ((first + at + 1) / PER_DECADE),
          count: counts.get(first + at) ?? 0,
        })),
  );
}

/** A duration as people write it: three digits and a unit. */
export function duration(ns: number): string {
  const [value, unit] =
    ns >= 1e9 ? [ns / 1e9, 's'] : ns >= 1e6 ? [ns / 1e6, 'ms'] : ns >= 1e3 ? [ns / 1e3, 'µs'] : [ns, 'ns'];
  const digits = unit === 'ns' || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}
