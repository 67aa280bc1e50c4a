import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { SkippedFile } from '../../protocol/lint';
import { codeOf, reasonOf } from './systemWords';
import { Usage } from './usage';

/** A file or folder that the user named and that is not there. */
export const notFound = (name: string): Usage => new Usage(`${name === '' ? "''" : name} does not exist.`);

/** What arguments mean: the files, and the folders that could not be searched. */
export interface Discovered {
  readonly files: readonly string[];
  readonly skipped: readonly SkippedFile[];
}

/** Whether a file is C by its name. */
export const isSource = (name: string): boolean => /\.[ch]$/.test(name);

/** The C files below a folder, sorted by name; a folder that was visited before, as through a link, is left out. */
function* below(folder: string, visited: Set<string>, skipped: SkippedFile[]): Generator<string> {
  let real: string;
  try {
    real = realpathSync(folder);
  } catch (error) {
    skipped.push({ file: folder, reason: unsearched(error) });
    return;
  }
  if (visited.has(real)) return;
  visited.add(real);
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    skipped.push({ file: folder, reason: unsearched(error) });
    return;
  }
  for (const name of names) {
    const full = path.join(folder, name);
    let stat: Stats | undefined;
    try {
      stat = statSync(full, { throwIfNoEntry: false });
    } catch {
      // A link that leads nowhere, or to itself, is no folder; whoever reads it as a file says what is wrong with it.
    }
    if (stat?.isDirectory()) {
      if (!/^(\.git|node_modules)$/.test(name)) yield* below(full, visited, skipped);
    } else if (isSource(name)) yield full;
  }
}

/**
 * The files that a list of arguments means: files as they are, folders with all C files below them. Each file once.
 * @throws Usage for an argument that does not exist or cannot be reached
 */
export function discover(args: readonly string[]): Discovered {
  const found = new Map<string, string>();
  const add = (file: string): void => {
    const key = path.resolve(file);
    if (!found.has(key)) found.set(key, file);
  };
  const visited = new Set<string>();
  const skipped: SkippedFile[] = [];
  for (const arg of args) {
    if (named(arg).isDirectory()) for (const file of below(arg, visited, skipped)) add(file);
    else add(arg);
  }
  return { files: [...found.values()], skipped };
}

/** What an argument names. */
function named(arg: string): Stats {
  let stat: Stats | undefined;
  try {
    stat = statSync(arg, { throwIfNoEntry: false });
  } catch (error) {
    if (codeOf(error) !== 'ENOTDIR') throw new Usage(`${arg} cannot be reached: ${reasonOf(error)}.`);
  }
  if (stat) return stat;
  if (arg === '-') throw new Usage('- is no file; only --patch reads the standard input.');
  throw notFound(arg);
}

const unsearched = (error: unknown): string => `The folder cannot be searched: ${reasonOf(error)}.`;

/** The C files beside a file: a driver is often spread over the files of its folder. */
export function siblings(file: string, most = 200): string[] {
  const folder = path.dirname(file);
  try {
    return readdirSync(folder)
      .filter(isSource)
      .sort()
      .slice(0, most)
      .map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}
