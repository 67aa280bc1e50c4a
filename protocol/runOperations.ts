/** The helper's operations that run for long and can be stopped: bursts and scripts. */
import * as v from 'valibot';
import { Count, Hex64, HexData, Text } from './fields';
import { LIMITS } from './helperLimits';

/** Why a burst ended: all stores were sent, one failed, `stop` was requested, or the helper's input ended. */
export const BurstEnd = v.picklist(['count', 'error', 'stop', 'input']);
export type BurstEnd = v.InferOutput<typeof BurstEnd>;

/** Answer to `burst`. `sent` counts the pwrites that were made, with any outcome; none was made twice. */
export const BurstResult = v.object({
  ended: BurstEnd,
  requested: Count,
  sent: Count,
  succeeded: Count,
  /** Refused by the kernel, or short. */
  failed: Count,
  bytes: Count,
  durationNs: Count,
  storesPerSecond: v.pipe(v.number(), v.minValue(0)),
  /** The first failure; `code` is an errno's name, or `short`. */
  firstError: v.nullable(v.object({ index: Count, offset: Hex64, code: Text, message: Text })),
  /** Of the stores that succeeded, null when none did. Percentiles are at most 0.8 % too large; min and max are exact. */
  latencyNs: v.nullable(
    v.object({
      min: Count,
      p50: Count,
      p90: Count,
      p99: Count,
      p999: Count,
      max: Count,
      /** How many neighbouring buckets became one, so that the answer stays short. */
      merged: v.picklist([1, 2, 4]),
      /** The least duration that belongs to a bucket, and how many stores it has. */
      buckets: v.pipe(v.array(v.tuple([Count, Count])), v.maxLength(LIMITS.histogramPairsMax)),
    }),
  ),
});
export type BurstResult = v.InferOutput<typeof BurstResult>;

/**
 * One step of a script, as `script-load` takes it. Offsets are hex strings, data and mask hex digits in memory order.
 * `error` is the failure that is expected, an errno's name or `short`.
 */
export type ScriptStep =
  | { do: 'store'; region: number; offset: string; data: string; error?: string }
  | {
      do: 'burst';
      region: number;
      offset: string;
      data: string;
      count: number;
      step?: string;
    }
  | { do: 'read'; region: number; offset: string; length: number; error?: string }
  /** `at` is an offset in what was read last; bits that are 0 in `mask` may be anything. */
  | { do: 'expect'; data: string; mask?: string; at?: number }
  | { do: 'sleep'; ns: number }
  | { do: 'repeat'; count: number }
  | { do: 'end' };

/** What a script may cost; the helper enforces the same. */
export const SCRIPT_LIMITS = {
  steps: LIMITS.scriptMaxSteps,
  bytes: LIMITS.scriptMaxBytes,
  depth: LIMITS.scriptMaxDepth,
  /** Steps in all when it runs; each store of a burst counts as one. */
  total: LIMITS.scriptMaxTotal,
  /** Rounds of one repeat. */
  rounds: LIMITS.burstMax,
  sleepNs: LIMITS.scriptMaxSleepNs,
} as const;

export const ScriptLoaded = v.object({ loaded: Count });
export type ScriptLoaded = v.InferOutput<typeof ScriptLoaded>;

/** Why a script ended; `refused` comes before its first store. */
export const ScriptEnd = v.picklist(['done', 'failed', 'refused', 'stop', 'input']);
export type ScriptEnd = v.InferOutput<typeof ScriptEnd>;

/** Answer to `script-run`. `sent` counts pwrites, as in {@link BurstResult}. */
export const ScriptResult = v.object({
  ended: ScriptEnd,
  /** Steps that were carried out, each store of a burst being one; `repeat` and `end` are none. */
  steps: Count,
  reads: Count,
  sent: Count,
  succeeded: Count,
  failed: Count,
  bytes: Count,
  durationNs: Count,
  /**
   * Where it ended: with `failed` the step that failed, which was carried out; with `stop` the one that would have been
   * next, or a burst of which `sent` stores were made. `rounds` are those of the repeats around it, from 0, outermost first.
   */
  at: v.nullable(
    v.object({
      step: Count,
      rounds: v.pipe(v.array(Count), v.maxLength(LIMITS.scriptMaxDepth)),
      sent: Count,
    }),
  ),
  /** `code`: an errno's name, `short`, `none` (no failure where one was expected) or `bytes` with those that were read. */
  failure: v.nullable(
    v.object({
      code: Text,
      message: Text,
      rule: v.optional(Text),
      actual: v.optional(v.pipe(HexData, v.maxLength(2 * LIMITS.readMax))),
    }),
  ),
});
export type ScriptResult = v.InferOutput<typeof ScriptResult>;

/** Whether the burst or script of that request was running. */
export const Stopped = v.object({ stopped: v.boolean() });
export type Stopped = v.InferOutput<typeof Stopped>;

/** N stores of the same bytes: as they are, or as many as `size` made from `seed`. */
export type BurstParams = {
  handle: number;
  region: number;
  offset: string;
  /** The distance from each store to the next; 0 by default. */
  step?: string;
  /** 1 to {@link MAX_BURST}. */
  count: number;
  /** True by default. With false the stores after a failed one are sent all the same. */
  stopOnError?: boolean;
} & ({ data: string } | { size: number; seed: string });

/** The most stores of one burst. */
export const MAX_BURST = LIMITS.burstMax;

export interface RunOperations {
  burst: { params: BurstParams; result: BurstResult };
  'script-load': { params: { first: number; steps: readonly ScriptStep[] }; result: ScriptLoaded };
  'script-run': { params: { handle: number; steps: number }; result: ScriptResult };
  stop: { params: { request: number }; result: Stopped };
}

export const runSchemas = {
  burst: BurstResult,
  'script-load': ScriptLoaded,
  'script-run': ScriptResult,
  stop: Stopped,
};
