import { statSync } from 'node:fs';
import path from 'node:path';
import { siblings } from '../lint/discover';
import { readText } from '../lint/readText';

/** A file of a folder as it was read. */
interface KnownFile {
  readonly stamp: string;
  /** Undefined for a file that was skipped or does not concern the rules. */
  readonly text: string | undefined;
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

  private refresh(folder: string, maxSize: number): Map<string, KnownFile> {
    const before = this.folders.get(folder)?.files;
    const files = new Map<string, KnownFile>();
    for (const file of siblings(path.join(folder, 'any'))) {
      const stat = statSync(file, { throwIfNoEntry: false });
      if (!stat) continue;
      const stamp = `${stat.mtimeMs}:${stat.size}:${maxSize}`;
      const old = before?.get(file);
      if (old?.stamp === stamp) files.set(file, old);
      else {
        const read = readText(file, maxSize);
        files.set(file, { stamp, text: 'text' in read && read.relevant ? read.text : undefined });
      }
    }
    this.folders.set(folder, { checked: Date.now(), files });
    return files;
  }
}
