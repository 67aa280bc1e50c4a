/**
 * The store journal: one JSON line for every store that was sent, with its outcome.
 *
 * What holds, whatever ends a program or fills a disk:
 * - A store is sent only after its note is on disk. The note goes only after the store's line was read back from the journal.
 * - So every store that was sent has a line or a note. A note without a line reads as outcome `unknown`.
 * - Lines about the same store are told apart by its id; one that knows the outcome outweighs "unknown".
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Emitter } from '../base/emitter';
import { UserError } from '../base/userError';
import { AppendError, appendLines } from './appendLines';
import { PendingNotes } from './pendingNotes';
import { allRecords, existingParts, NewestRecords, newestFirst, outweighs } from './readParts';
import {
  lineOf,
  type PendingStore,
  type StoreIntent,
  type StoreRecord,
  type StoreResolution,
} from './storeRecord';

export type { StoreIntent, StoreOutcome, StoreRecord, StoreResolution } from './storeRecord';

/** Writes the lines of stores that were begun together; a store whose resolution is undefined was not sent and gets none. */
export type FinishStores = (resolutions: readonly (StoreResolution | undefined)[]) => Promise<StoreRecord[]>;

/** Lines that a full disk kept back, and the note that holds their place. */
interface Unwritten {
  readonly note: string;
  readonly records: readonly StoreRecord[];
}

/**
 * For a store that could not be noted. @throws UserError always, because what is not noted is not sent
 */
export function nothingSent(error: unknown): never {
  throw new UserError(
    'The store journal cannot be written, so nothing was sent; check the disk.',
    String(error),
  );
}

export class StoreJournal {
  readonly file: string;
  private readonly notes: PendingNotes;
  private readonly changes = new Emitter<void>();
  /** Fires after this window has written a line. */
  readonly onDidChange = this.changes.event;
  /** What this program could not write yet; it is tried again before the next store. */
  private unwritten: Unwritten[] = [];
  /** Writes of this program go one after the other. */
  private last: Promise<unknown> = Promise.resolve();

  /** @param directory where the journal lives; made when it is first needed */
  constructor(private readonly directory: string) {
    this.file = path.join(directory, 'stores.jsonl');
    this.notes = new PendingNotes(path.join(directory, 'pending-stores'));
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
   * lines.
   *
   * @throws as {@link begin}
   */
  async beginAll(intents: readonly StoreIntent[]): Promise<FinishStores> {
    // Where lines cannot be written, that of the next store could not be either.
    if (this.unwritten.length > 0) await this.inTurn(() => this.writeLines());
    const time = new Date().toISOString();
    const begun = intents.map((intent): PendingStore => ({ version: 1, id: randomUUID(), time, ...intent }));
    const note = await this.notes.add(begun);
    return async (resolutions) => {
      const records = begun.flatMap((each, index): StoreRecord[] => {
        const resolution = resolutions[index];
        return resolution ? [{ ...each, ...resolution }] : [];
      });
      this.unwritten.push({ note, records });
      try {
        await this.inTurn(() => this.writeLines());
      } finally {
        this.changes.fire();
      }
      return records;
    };
  }

  /** Turns the notes of programs that are certainly gone into lines with the outcome `unknown`; returns how many. */
  async recover(): Promise<number> {
    await this.notes.sweep();
    const gone = (await this.notes.list()).filter(({ writer }) => writer === 'gone');
    if (gone.length === 0) return 0;
    const known = await allRecords(this.file);
    let recovered = 0;
    for (const { file } of gone) {
      const claimed = await this.notes.claim(file);
      if (claimed === undefined) continue;
      // A program that died between writing the lines and removing their note has said all there is to say.
      const missing = (await this.notes.read(claimed)).filter(({ id }) => !known.has(id));
      try {
        if (missing.length > 0)
          await this.inTurn(() => appendLines(this.file, missing.map(unknownRecord).map(lineOf)));
        await this.notes.remove(claimed);
        recovered += missing.length;
      } catch {
        await this.notes.release(claimed, file); // the next window tries again, and until then the note speaks
      }
    }
    if (recovered > 0) this.changes.fire();
    return recovered;
  }

  /** All stores, oldest first, each once. Lines that cannot be read (a disk that was full, say) are left out. */
  async records(): Promise<StoreRecord[]> {
    const records = await allRecords(this.file);
    for (const record of await this.withoutLine())
      if (outweighs(record, records.get(record.id))) records.set(record.id, record);
    return [...records.values()];
  }

  /**
   * The newest stores, for a view that asks again after each change: only what was appended since is read.
   *
   * @returns a function that reads: the newest first, at most `limit` of those that are `wanted`, and how many there are
   */
  newest(
    limit: number,
    wanted: (record: StoreRecord) => boolean,
  ): () => Promise<{ records: StoreRecord[]; total: number }> {
    const lines = new NewestRecords(this.file, limit, wanted);
    return async () => {
      const { records, total } = await lines.read();
      const notes = (await this.withoutLine()).filter(wanted);
      if (notes.length === 0) return { records, total };
      const ids = new Set(records.map(({ id }) => id));
      const more = notes.filter(({ id }) => !ids.has(id));
      return {
        records: newestFirst([...more, ...records].reverse()).slice(0, limit),
        total: total + more.length,
      };
    };
  }

  /** The part that is written to, or the newest old one where a new one has not begun; undefined where nothing was sent yet. */
  async newestPart(): Promise<string | undefined> {
    return (await existingParts(this.file)).at(-1);
  }

  /** Stores without a line: what this program could not write yet, and notes of others that may be gone. */
  private async withoutLine(): Promise<StoreRecord[]> {
    const own = this.unwritten.flatMap(({ records }) => records);
    const others: StoreRecord[] = [];
    for (const { file, writer } of await this.notes.list())
      if (writer !== 'alive') others.push(...(await this.notes.read(file)).map(unknownRecord));
    return [...others, ...own];
  }

  /** Writes every line that waits, and removes the notes that are not needed any more. */
  private async writeLines(): Promise<void> {
    const waiting = this.unwritten;
    const lines = waiting.flatMap(({ records }) => records.map(lineOf));
    if (lines.length > 0)
      await mkdir(this.directory, { recursive: true })
        .then(() => appendLines(this.file, lines))
        .catch((error: unknown) => {
          if (error instanceof AppendError) this.keepWaiting(error.missing);
          throw error;
        });
    this.unwritten = this.unwritten.filter((each) => !waiting.includes(each));
    for (const { note } of waiting) await this.notes.remove(note);
  }

  /** What came into the file before the disk was full is not written twice. */
  private keepWaiting(missing: readonly string[]): void {
    const lines = new Set(missing);
    this.unwritten = this.unwritten.map(({ note, records }) => ({
      note,
      records: records.filter((record) => lines.has(lineOf(record))),
    }));
  }

  private inTurn<T>(write: () => Promise<T>): Promise<T> {
    const turn = this.last.then(write, write);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}

function unknownRecord(store: PendingStore): StoreRecord {
  return { ...store, outcome: 'unknown', error: 'the program ended before the answer came' };
}
