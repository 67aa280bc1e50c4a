import { statSync } from 'node:fs';
import path from 'node:path';
import { siblings } from '../sources/cFiles';
import { readText } from '../sources/readText';

/** A file of a folder as it was read. */
interface KnownFile {
  readonly stamp: string | undefined;
  /** Undefined for a file that was skipped or does not concern the rules. */
  readonly text: string | undefined;
  /** One sentence, when it was skipped. */
  readonly skipped: string | undefined;
}

/** How long the list of a folder's files is believed, so that a keystroke does not ask the disk about each of them. */
const believedFor = 2000;

/** The C files on disk beside the ones that are open, read again when they change. */
export class FolderFiles {
  private readonly folders = new Map<
    string,
    { readonly checked: number; readonly files: Map<string, KnownFile> }
  >();

  /**
   * The texts of the relevant C files of a folder, by path.
   * @param folder the folder
   * @param open paths that are open in the editor and therefore not read
   * @param maxSize the cap for a file in bytes
   */
  texts(folder: string, open: ReadonlySet<string>, maxSize: number): Map<string, string> {
    const known = this.folders.get(folder);
    const files =
      known && Date.now() - known.checked < believedFor ? known.files : this.refresh(folder, maxSize);
    const texts = new Map<string, string>();
    for (const [file, { text }] of files) if (text !== undefined && !open.has(file)) texts.set(file, text);
    return texts;
  }

  /** Forgets when the folder was looked at, as after a file was saved. */
  expire(folder: string): void {
    const known = this.folders.get(folder);
    if (known) this.folders.set(folder, { ...known, checked: 0 });
  }

  /** Forgets a folder, as when nothing of it is open any more. */
  forget(folder: string): void {
    this.folders.delete(folder);
  }

  /** Why files of a folder were skipped when it was looked at last, by path. */
  skipped(folder: string): Map<string, string> {
    const files = this.folders.get(folder)?.files ?? new Map<string, KnownFile>();
    return new Map(
      [...files].flatMap(([file, { skipped }]) => (skipped === undefined ? [] : [[file, skipped]])),
    );
  }

  private refresh(folder: string, maxSize: number): Map<string, KnownFile> {
    const before = this.folders.get(folder)?.files;
    const files = new Map<string, KnownFile>();
    for (const file of siblings(path.join(folder, 'any'))) {
      const stamp = stampOf(file, maxSize);
      const old = before?.get(file);
      if (stamp !== undefined && old?.stamp === stamp) files.set(file, old);
      else files.set(file, { stamp, ...read(file, maxSize) });
    }
    this.folders.set(folder, { checked: Date.now(), files });
    return files;
  }
}

/** What changes when a file is written; undefined for one that cannot be asked, whose reason reading it tells. */
function stampOf(file: string, maxSize: number): string | undefined {
  try {
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs}:${size}:${maxSize}`;
  } catch {
    return undefined;
  }
}

function read(file: string, maxSize: number): Pick<KnownFile, 'text' | 'skipped'> {
  const result = readText(file, maxSize);
  if ('skipped' in result) return { text: undefined, skipped: result.skipped };
  return { text: result.relevant ? result.text : undefined, skipped: undefined };
}
