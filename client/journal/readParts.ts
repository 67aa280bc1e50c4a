/** Reading the parts of a journal, of any size, in bounded memory: old parts first, then the one that is written to. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { LONGEST_LINE, parseRecord, type StoreRecord } from './storeRecord';

/** Reads every part, the oldest first, also one that became an old part while the others were read. */
async function eachPart(file: string, read: (part: string) => Promise<void>): Promise<void> {
  const done = new Set<string>();
  for (;;) {
    const left = (await existingParts(file)).filter((part) => !done.has(part));
    if (left.length === 0) return;
    for (const part of left) {
      await read(part);
      done.add(part);
    }
  }
}

/** The parts of the journal `file` that there are, the oldest first and `file` itself last. */
export async function existingParts(file: string): Promise<string[]> {
  const { dir, name, ext, base } = path.parse(file);
  const names = await readdir(dir).catch(() => []);
  const old = names.filter((each) => each.startsWith(`${name}-`) && each.endsWith(ext)).sort();
  return [...old, ...names.filter((each) => each === base)].map((each) => path.join(dir, each));
}

/**
 * The whole lines of a file from a place on. A line that is longer than any of ours is passed over in bounded memory.
 *
 * @param end gets the place behind the last line feed, in bytes
 */
export async function* linesOf(
  file: string,
  start: number,
  end: (place: number) => void,
): AsyncGenerator<string> {
  const status = await stat(file).catch(() => undefined);
  if (!status?.isFile()) return;
  let rest: Buffer[] = [];
  let restLength = 0;
  let place = start;
  let tooLong = false;
  for await (const chunk of createReadStream(file, {
    start,
    highWaterMark: 1 << 20,
  }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let feed = chunk.indexOf(10, from); feed >= 0; feed = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, feed);
      place += restLength + piece.length + 1;
      if (!tooLong && restLength + piece.length <= LONGEST_LINE)
        yield (restLength > 0 ? Buffer.concat([...rest, piece]) : piece).toString('utf8');
      rest = [];
      restLength = 0;
      tooLong = false;
      from = feed + 1;
    }
    restLength += chunk.length - from;
    tooLong ||= restLength > LONGEST_LINE;
    if (tooLong) rest = [];
    else rest.push(chunk.subarray(from));
  }
  end(place);
}

/** A line about a store that says more than the other: whatever came back outweighs "unknown". */
export const outweighs = (one: StoreRecord, other: StoreRecord | undefined): boolean =>
  other === undefined || (other.outcome === 'unknown' && one.outcome !== 'unknown');

/** The newest stores of one part that a filter leaves, kept up to date by reading only what was appended. */
class NewestOfPart {
  private consumed = 0;
  private inode = 0;
  /** By id, the oldest first. */
  readonly records = new Map<string, StoreRecord>();
  count = 0;

  constructor(
    private readonly file: string,
    private readonly limit: number,
    private readonly wanted: (record: StoreRecord) => boolean,
  ) {}

  async update(): Promise<void> {
    const status = await stat(this.file).catch(() => undefined);
    if (!status || status.ino !== this.inode || status.size < this.consumed) {
      this.consumed = 0;
      this.count = 0;
      this.records.clear();
    }
    this.inode = status?.ino ?? 0;
    if (!status || status.size === this.consumed) return;
    for await (const line of linesOf(this.file, this.consumed, (place) => (this.consumed = place))) {
      const record = parseRecord(line);
      if (record && this.wanted(record)) this.take(record);
    }
  }

  private take(record: StoreRecord): void {
    const known = this.records.get(record.id);
    if (!known) this.count++;
    if (!outweighs(record, known)) return;
    this.records.set(record.id, record);
    if (this.records.size > this.limit)
      for (const oldest of this.records.keys()) {
        this.records.delete(oldest);
        break;
      }
  }
}

/** The newest stores of all parts, for a view; what was read before is not read again. */
export class NewestRecords {
  private readonly parts = new Map<string, NewestOfPart>();

  constructor(
    private readonly file: string,
    private readonly limit: number,
    private readonly wanted: (record: StoreRecord) => boolean,
  ) {}

  /** @returns the newest first, at most `limit`, and how many there are in all */
  async read(): Promise<{ records: StoreRecord[]; total: number }> {
    const files = new Set<string>();
    await eachPart(this.file, async (file) => {
      files.add(file);
      const part = this.parts.get(file) ?? new NewestOfPart(file, this.limit, this.wanted);
      this.parts.set(file, part);
      await part.update();
    });
    const merged = new Map<string, StoreRecord>();
    let total = 0;
    for (const [file, part] of this.parts) {
      if (!files.has(file)) {
        this.parts.delete(file);
        continue;
      }
      total += part.count;
      for (const record of part.records.values())
        if (outweighs(record, merged.get(record.id))) merged.set(record.id, record);
    }
    return { records: newestFirst([...merged.values()]).slice(0, this.limit), total };
  }
}

/** By the time they were sent; those of one moment in the order in which they stand. */
export const newestFirst = (records: readonly StoreRecord[]): StoreRecord[] =>
  [...records].reverse().sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));

/** All stores of all parts, each once, the oldest part first. */
export async function allRecords(file: string): Promise<Map<string, StoreRecord>> {
  const records = new Map<string, StoreRecord>();
  await eachPart(file, async (part) => {
    for await (const line of linesOf(part, 0, () => undefined)) {
      const record = parseRecord(line);
      if (record && outweighs(record, records.get(record.id))) records.set(record.id, record);
    }
  });
  return records;
}
