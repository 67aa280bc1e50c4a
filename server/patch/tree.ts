import { isUtf8 } from 'node:buffer';
import { readdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { readCapped } from '../../protocol/cappedFile';
import { defaultMaxFileSize } from '../sources/readText';
import { folderOf } from '../model/indexedText';

/** Whether a path of a patch stays inside the folder it is about. */
export function staysInside(file: string): boolean {
  return (
    file !== '' &&
    !/[\0\\]/.test(file) &&
    !path.posix.isAbsolute(file) &&
    !/^[A-Za-z]:/.test(file) &&
    !file.split('/').includes('..')
  );
}

/** The files that patches are applied to: those of a folder, if there is one, and in memory what the patches made of them. */
export class Tree {
  private readonly root: string | undefined;
  /** What patches made of files: a text, or undefined for one that is deleted or no longer known. */
  private readonly changed = new Map<string, string | undefined>();

  /** @param folder the folder of the sources; without one only what patches create is known */
  constructor(folder: string | undefined) {
    this.root = folder === undefined ? undefined : realpathSync(folder);
  }

  /** The text of a file, or undefined where it does not exist or cannot be known. */
  read(file: string): string | undefined {
    return this.changed.has(file) ? this.changed.get(file) : this.readDisk(file);
  }

  /** Gives a file another text; undefined forgets it, because it was deleted or its content is no longer known. */
  write(file: string, text: string | undefined): void {
    this.changed.set(file, text);
  }

  /** The C files of a folder that are known, sorted by name. */
  filesIn(folder: string, most = 200): string[] {
    const names = new Set<string>();
    const full = this.inside(folder === '' ? '.' : folder);
    if (full !== undefined)
      try {
        for (const name of readdirSync(full))
          if (/\.[ch]$/.test(name)) names.add(path.posix.join(folder, name));
      } catch {
        // A folder that only a patch creates is not there.
      }
    for (const file of this.changed.keys()) if (folderOf(file) === folder) names.add(file);
    return [...names]
      .filter((file) => !this.changed.has(file) || this.changed.get(file) !== undefined)
      .sort()
      .slice(0, most);
  }

  /** Where a file really is, when that is inside the folder. */
  private inside(file: string): string | undefined {
    if (this.root === undefined || !staysInside(file)) return undefined;
    try {
      const real = realpathSync(path.join(this.root, file));
      return real === this.root || real.startsWith(this.root + path.sep) ? real : undefined;
    } catch {
      return undefined;
    }
  }

  private readDisk(file: string): string | undefined {
    const full = this.inside(file);
    if (full === undefined) return undefined;
    const { bytes } = readCapped(full, defaultMaxFileSize);
    return bytes && isUtf8(bytes) && !bytes.includes(0) ? bytes.toString('utf8') : undefined;
  }
}
