import { readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file or folder that the user named and that is not there. */
export class NotFound extends Error {}

/** Whether a file is C by its name. */
export const isSource = (name: string): boolean => /\.[ch]$/.test(name);

/** The C files below a folder, sorted by name; a folder that was visited before, as through a link, is left out. */
function* below(folder: string, visited: Set<string>): Generator<string> {
  let real: string;
  try {
    real = realpathSync(folder);
  } catch {
    return;
  }
  if (visited.has(real)) return;
  visited.add(real);
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return;
  }
  for (const name of names) {
    const full = path.join(folder, name);
    const stat = statSync(full, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      if (!/^(\.git|node_modules)$/.test(name)) yield* below(full, visited);
    } else if (isSource(name)) yield full;
  }
}

/**
 * The files that a list of arguments means: files as they are, folders with all C files below them. Each file once.
 * @throws NotFound for an argument that does not exist
 */
export function discover(args: readonly string[]): string[] {
  const found = new Map<string, string>();
  const add = (file: string): void => {
    const key = path.resolve(file);
    if (!found.has(key)) found.set(key, file);
  };
  const visited = new Set<string>();
  for (const arg of args) {
    const stat = statSync(arg, { throwIfNoEntry: false });
    if (!stat) throw new NotFound(arg);
    if (stat.isDirectory()) for (const file of below(arg, visited)) add(file);
    else add(arg);
  }
  return [...found.values()];
}

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
