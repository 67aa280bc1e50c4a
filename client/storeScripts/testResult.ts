/** What became of one test of a script. */

/**
 * `failed`: a step did not do what the script says. `refused`: a check before the first store failed, nothing was sent.
 * `stopped`: somebody asked for it. `unknown`: the link broke; the stores may have happened. `trouble`: the host or the function
 * could not be used, nothing was sent.
 */
export type Verdict = 'passed' | 'failed' | 'refused' | 'stopped' | 'unknown' | 'trouble';

export interface TestResult {
  readonly verdict: Verdict;
  /** One sentence; empty when it passed. */
  readonly message: string;
  /** The line it is about, from 0. */
  readonly line?: number;
  /** Bytes as text, for an `expect` that was not met. */
  readonly expected?: string;
  readonly actual?: string;
  /** On the host, without the way there, in nanoseconds. */
  readonly durationNs: number;
  readonly stores: { readonly planned: number; readonly sent: number; readonly failed: number };
}
