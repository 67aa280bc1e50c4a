/** The lines of the store journal: their fields, and how a line is read. */
import * as v from 'valibot';

/**
 * `ok`: every byte was taken. `short`: the kernel took fewer. `refused`: the helper refused it, nothing was sent to
 * the device. `failed`: the kernel answered with an error. `unknown`: no answer came; the store may have happened.
 */
export type StoreOutcome = 'ok' | 'short' | 'refused' | 'failed' | 'unknown';

/** What is known before a store is sent. */
export interface StoreIntent {
  /** The host's name in the explorer and user@host. */
  readonly host: string;
  readonly target: string;
  /** PCI address and FID, as the kernel writes them. */
  readonly function: string;
  readonly fid: string | null;
  readonly region: number;
  readonly offset: string;
  readonly length: number;
  /** Hex digits in memory order. */
  readonly data: string;
  /** For a store of a script: where it is written, `FILE:LINE`. */
  readonly script?: string;
  /** For a burst or a store of a script: how often it was to be sent. */
  readonly planned?: number;
  /** For a burst: how far each store is from the one before, a hex string. Missing where all go to one offset. */
  readonly step?: string;
}

/** A store on its way, as its note has it. */
export interface PendingStore extends StoreIntent {
  readonly version: 1;
  readonly id: string;
  /** ISO 8601, UTC, when the store was sent. */
  readonly time: string;
}

export interface StoreRecord extends PendingStore {
  readonly outcome: StoreOutcome;
  /** What pwrite returned, when it returned. */
  readonly count?: number;
  /** How long pwrite took on the host, in nanoseconds. */
  readonly durationNs?: number;
  readonly error?: string;
  /** Of a script: how often it was sent, and how often that failed. Missing with `unknown`. */
  readonly sent?: number;
  readonly failed?: number;
}

export type StoreResolution = Pick<
  StoreRecord,
  'outcome' | 'count' | 'durationNs' | 'error' | 'sent' | 'failed'
>;

/** No line of ours is longer: 4096 bytes as hex digits and a few short fields. Bytes. */
export const LONGEST_LINE = 64 * 1024;

/**
 * What the views and formats rely on. Fields of other versions are kept, and an outcome of another version stays what it
 * is: it must not be taken for one of ours.
 */
const Line = v.looseObject({
  id: v.pipe(v.string(), v.minLength(1)),
  time: v.fallback(v.string(), ''),
  host: v.fallback(v.string(), ''),
  target: v.fallback(v.string(), ''),
  function: v.fallback(v.string(), ''),
  fid: v.fallback(v.nullable(v.string()), null),
  region: v.fallback(v.number(), -1),
  offset: v.fallback(v.string(), ''),
  length: v.fallback(v.number(), 0),
  data: v.fallback(v.string(), ''),
});

function parse(line: string): v.InferOutput<typeof Line> | undefined {
  if (line.length < 2 || line.length > LONGEST_LINE) return undefined;
  try {
    const result = v.safeParse(Line, JSON.parse(line));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** The store of a line of the journal; undefined when it is none, as one that a full disk cut short. */
export function parseRecord(line: string): StoreRecord | undefined {
  const fields = parse(line);
  return typeof fields?.['outcome'] === 'string' ? (fields as unknown as StoreRecord) : undefined;
}

/** The store of a line of a note, which has no outcome yet; undefined when it is none. */
export function parsePending(line: string): PendingStore | undefined {
  return parse(line) as PendingStore | undefined;
}

/** The line of a store, with its line feed. */
export const lineOf = (record: object): string => JSON.stringify(record) + '\n';
