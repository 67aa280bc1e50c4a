/** The modes of files, which are part of every archive. */
import { chmodSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Gives all files below a folder the modes that git gives them, whatever the umask.
 *
 * @param programs the files that can be run, by their path below the folder
 */
export function setModes(folder: string, programs: readonly string[]): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    chmodSync(file, statSync(file).isDirectory() || programs.includes(name) ? 0o755 : 0o644);
  }
}
