import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { CancellationToken } from 'vscode-languageserver/node';
import { isSource } from '../sources/cFiles';
import { readText } from '../sources/readText';

/** The progress of a scan. */
export interface ScanProgress {
  /** How many files were looked at, and in which folder the scan is. */
  report(files: number, folder: string): void;
}

const isSkipped = (name: string): boolean => name.startsWith('.') || name === 'node_modules';

/** How long the server may be busy before it answers others, in milliseconds. */
const slice = 15;

/**
 * Finds the folders of a workspace that hold C files the rules are about, without linting anything. Links are not
 * followed, so that nothing is looked at twice and a circle is no trap.
 * @param roots the folders of the workspace
 * @param maxSize the cap for a file in bytes
 */
export async function* relevantFolders(
  roots: readonly string[],
  maxSize: number,
  token: CancellationToken,
  progress: ScanProgress,
): AsyncGenerator<string> {
  const pending = [...roots];
  let files = 0;
  let rested = performance.now();
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (token.isCancellationRequested) return;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    let relevant = false;
    for (const entry of entries) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory() && !isSkipped(entry.name)) pending.push(full);
      if (!entry.isFile() || !isSource(entry.name)) continue;
      files++;
      if (!relevant) {
        const read = readText(full, maxSize);
        relevant = 'relevant' in read && read.relevant;
      }
      if (performance.now() - rested > slice) {
        progress.report(files, folder);
        await new Promise((resolve) => setImmediate(resolve));
        if (token.isCancellationRequested) return;
        rested = performance.now();
      }
    }
    if (relevant) yield folder;
  }
}
