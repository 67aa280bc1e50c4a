/** Bursts that were measured, kept so that two can be compared. */
import type { BurstResult } from '../../protocol/runOperations';
import { regionName } from '../words/describe';
import type { PlannedBurst } from './sendBurst';
import { hex } from '../../storescript/values/hexInput';

/** One burst with what the host measured. */
export interface BurstRun {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly host: string;
  readonly function: string;
  readonly fid: string | null;
  readonly region: number;
  /** Hex strings. */
  readonly offset: string;
  readonly step: string;
  readonly count: number;
  /** Bytes of each store. */
  readonly length: number;
  readonly result: BurstResult;
}

/** The run of a burst that was carried out. */
export function runOf(burst: PlannedBurst, result: BurstResult, id: string, time: Date): BurstRun {
  return {
    ...{ id, time: time.toISOString(), host: burst.hostName, function: burst.function, fid: burst.fid },
    ...{ region: burst.region, offset: hex(burst.offset), step: hex(burst.step) },
    ...{ count: burst.count, length: burst.data.length, result },
  };
}

/** What a list shows of it: `1000 × 64 bytes, BAR0 of 0000:00:00.0 on ism-lab`. */
export const titleOf = (run: BurstRun): string =>
  `${run.result.sent} × ${run.length} bytes, ${regionName(run.region)} of ${run.function} on ${run.host}`;

/** What outlives the window; vscode.Memento does. */
export interface Memory {
  get(key: string, otherwise: readonly BurstRun[]): readonly BurstRun[];
  update(key: string, value: readonly BurstRun[]): PromiseLike<void>;
}

const KEY = 'ism.bursts';
const KEPT = 10;

/** The newest runs, newest first. */
export class BurstRuns {
  constructor(private readonly memory: Memory) {}

  get all(): readonly BurstRun[] {
    return this.memory.get(KEY, []);
  }

  async add(run: BurstRun): Promise<void> {
    await this.memory.update(KEY, [run, ...this.all].slice(0, KEPT));
  }
}
