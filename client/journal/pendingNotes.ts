/** Notes of stores that are on their way: one file for what is sent together, there before anything is sent. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from './appendLines';
import { lineOf, parsePending, type PendingStore } from './storeRecord';
import { livenessOf, ownWriter, type Liveness } from './writer';

/** A note that some program wrote. */
export interface FoundNote {
  readonly file: string;
  readonly writer: Liveness;
  /** Written by this very process. */
  readonly isOwn: boolean;
}

export class PendingNotes {
  constructor(private readonly folder: string) {}

  /** Writes a note and syncs it. @returns its file @throws an Error of the file system: then no store may be sent */
  async add(stores: readonly PendingStore[]): Promise<string> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = path.join(this.folder, `${ownWriter()}-${randomUUID()}.json`);
    await writeWhole(file, stores.map(lineOf).join(''));
    return file;
  }

  /** All notes of all programs, without those that a crash left half written: nothing was sent for them. */
  async list(): Promise<FoundNote[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .map((name) => {
        const writer = writerOf(name);
        return {
          file: path.join(this.folder, name),
          writer: livenessOf(writer),
          isOwn: writer === ownWriter(),
        };
      });
  }

  /** The stores of a note; none when it is gone by now. */
  async read(note: string): Promise<PendingStore[]> {
    const text = await readFile(note, 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => parsePending(line) ?? []);
  }

  /** Makes a note ours, for one of all the windows that try. @returns its new file; undefined when another was faster */
  async claim(note: string): Promise<string | undefined> {
    const claimed = path.join(this.folder, `${ownWriter()}-${randomUUID()}.json`);
    return rename(note, claimed).then(
      () => claimed,
      () => undefined,
    );
  }

  /** Gives back what was claimed, for the next window. */
  async release(claimed: string, note: string): Promise<void> {
    await rename(claimed, note).catch(() => undefined);
  }

  async remove(note: string): Promise<void> {
    await unlink(note).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  /** Removes what programs that are gone left half written. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => []))
      if (name.endsWith('.tmp') && livenessOf(writerOf(name.slice(1))) === 'gone')
        await unlink(path.join(this.folder, name)).catch(() => undefined);
  }
}

const writerOf = (name: string): string => name.split('-')[0] ?? '';
