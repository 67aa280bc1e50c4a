/**
 * The store journal: one JSON line for every store that was sent, with its outcome.
 *
 * A store is first noted in a file of its own, synced to disk, and only then sent; the line is written when its
 * outcome is known. A note that is left behind by a window that is gone becomes a line with the outcome `unknown`.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../hosts/userError';
import { t } from '../l10n';

/**
 * `ok`: every byte was taken. `short`: the kernel took fewer. `refused`: the helper refused it, nothing was sent to
 * the device. `failed`: the kernel answered with an error. `unknown`: the link ended before the answer; the store may
 * have happened.
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
  /** For a store of a script: where it is written, `FILE:LINE`, and how often it was to be sent. */
  readonly script?: string;
  readonly planned?: number;
}

export interface StoreRecord extends StoreIntent {
  readonly version: 1;
  readonly id: string;
  /** ISO 8601, UTC, when the store was sent. */
  readonly time: string;
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

/**
 * For a store that could not be noted. @throws UserError always, because what is not noted is not sent
 */
export function nothingSent(error: unknown): never {
  throw new UserError(
    t('The store journal cannot be written, so nothing was sent; check the disk.'),
    String(error),
  );
}

export class StoreJournal {
  readonly file: string;
  private readonly pendingDirectory: string;
  private readonly listeners = new Set<() => void>();

  /** @param directory where the journal lives; made when it is first needed */
  constructor(directory: string) {
    this.file = path.join(directory, 'stores.jsonl');
    this.pendingDirectory = path.join(directory, 'pending-stores');
  }

  /**
   * Notes a store that is about to be sent; returns the function that writes its line.
   *
   * @throws an Error of the file system: then the store must not be sent
   */
  async begin(intent: StoreIntent): Promise<(resolution: StoreResolution) => Promise<StoreRecord>> {
    const finish = await this.beginAll([intent]);
    return async (resolution) => (await finish([resolution]))[0] as StoreRecord;
  }

  /**
   * Notes the stores of a script, which are on their way together, in one file; returns the function that writes their
   * lines. A store whose resolution is undefined was not sent and gets none.
   *
   * @throws as {@link begin}
   */
  async beginAll(
    intents: readonly StoreIntent[],
  ): Promise<(resolutions: readonly (StoreResolution | undefined)[]) => Promise<StoreRecord[]>> {
    await mkdir(this.pendingDirectory, { recursive: true });
    const time = new Date().toISOString();
    const begun = intents.map((intent) => ({ version: 1 as const, id: randomUUID(), time, ...intent }));
    const note = path.join(this.pendingDirectory, `${process.pid}-${randomUUID()}.json`);
    const lines = (records: readonly object[]): string =>
      records.map((record) => JSON.stringify(record) + '\n').join('');
    await writeSynced(note, lines(begun), 'wx');
    return async (resolutions) => {
      const records = begun.flatMap((each, index): StoreRecord[] => {
        const resolution = resolutions[index];
        return resolution ? [{ ...each, ...resolution }] : [];
      });
      if (records.length > 0) await writeSynced(this.file, lines(records), 'a');
      await unlink(note);
      this.announce();
      return records;
    };
  }

  /** Turns the notes of windows that are gone into lines with the outcome `unknown`; returns how many. */
  async recover(): Promise<number> {
    const notes = await readdir(this.pendingDirectory).catch(() => []);
    const ids = new Set((notes.length > 0 ? await this.records() : []).map((record) => record.id));
    let recovered = 0;
    for (const name of notes) {
      if (isAlive(Number(name.split('-')[0]))) continue;
      const note = path.join(this.pendingDirectory, name);
      const text = await readFile(note, 'utf8').catch(() => '');
      const noted = text.split('\n').flatMap((line) => parseLine(line) ?? []);
      // Who died between writing the lines and removing their note has said all there is to say.
      const missing = noted.some((known) => ids.has(known.id)) ? [] : noted;
      const error = 'the program ended before the answer came';
      for (const known of missing)
        await writeSynced(this.file, JSON.stringify({ ...known, outcome: 'unknown', error }) + '\n', 'a');
      recovered += missing.length;
      await unlink(note).catch(() => undefined);
    }
    if (recovered > 0) this.announce();
    return recovered;
  }

  /** Calls `listener` after a line was written by this window. @returns what ends that */
  onDidChange(listener: () => void): { dispose(): void } {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }

  private announce(): void {
    for (const listener of this.listeners) listener();
  }

  /** All stores, oldest first. Lines that cannot be read (a disk that was full, say) are left out. */
  async records(): Promise<StoreRecord[]> {
    const text = await readFile(this.file, 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => parseLine(line) ?? []);
  }
}

function parseLine(line: string): StoreRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'id' in value ? (value as StoreRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** A process that may not be signalled is alive all the same (EPERM). */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function writeSynced(file: string, text: string, flags: 'a' | 'wx'): Promise<void> {
  const handle = await open(file, flags, 0o600);
  try {
    await handle.appendFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
