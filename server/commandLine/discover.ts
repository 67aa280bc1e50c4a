import { lstatSync, readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { SkippedFile } from '../../protocol/lint';
import { codeOf, reasonOf } from '../sources/systemErrors';
import { isSource } from '../sources/cFiles';
import { Usage } from './usage';

/** A file or folder that the user named and that is not there. */
export const notFound = (name: string): Usage => new Usage(`${name === '' ? "''" : name} does not exist.`);

/** What arguments mean: the files, and the folders that could not be searched. */
export interface Discovered {
  readonly files: readonly string[];
  readonly skipped: readonly SkippedFile[];
}

/** What a path leads to; undefined for a link that leads nowhere, or to itself, which reading it as a file tells. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const outside = 'The link leads out of the given folder. Name its target to search it.';

/** Whether a folder is a link to one that is not below the folder that was named: a link to `/` must not search the machine. */
function leadsOut(place: string, root: string): boolean {
  try {
    if (!lstatSync(place).isSymbolicLink()) return false;
    const from = path.relative(realpathSync(root), realpathSync(place));
    return from.startsWith('..') || path.isAbsolute(from);
  } catch {
    return false;
  }
}

/**
 * The C files below a folder, sorted by name; a folder that was visited before, as through a link, is left out. A folder is known
 * by its device and inode: the path of one that is nine hundred folders deep takes long to resolve.
 */
function* below(folder: string, visited: Set<string>, skipped: SkippedFile[]): Generator<string> {
  const names = (place: string): string[] => {
    try {
      const { dev, ino } = statSync(place, { bigint: true });
      const key = `${dev}:${ino}`;
      if (visited.has(key)) return [];
      visited.add(key);
      return readdirSync(place).sort().reverse();
    } catch (error) {
      skipped.push({ file: place, reason: unsearched(error) });
      return [];
    }
  };
  // The names that are left in each folder on the way, the next one last.
  const way = [{ place: folder, left: names(folder) }];
  for (let here = way.at(-1); here; here = way.at(-1)) {
    const name = here.left.pop();
    if (name === undefined) {
      way.pop();
      continue;
    }
    const full = path.join(here.place, name);
    if (statOf(full)?.isDirectory()) {
      if (/^(\.git|node_modules)$/.test(name)) continue;
      if (leadsOut(full, folder)) skipped.push({ file: full, reason: outside });
      else way.push({ place: full, left: names(full) });
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
  if (arg === '-') throw new Usage('- is not a file. Only --patch reads standard input.');
  throw notFound(arg);
}

const unsearched = (error: unknown): string => `The folder cannot be searched: ${reasonOf(error)}.`;
