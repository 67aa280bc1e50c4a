/** A measured figure; `budget` is what is allowed at most, undefined where nothing is promised. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly budget?: number;
  /** What a ratio compares, in words. */
  readonly note?: string;
}

/** Rounds to what a reader can use: two digits behind the point. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;

/** The value that a share of all values does not exceed; 0.5 is the median. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** The median. */
export const median = (values: readonly number[]): number => percentile(values, 0.5);
