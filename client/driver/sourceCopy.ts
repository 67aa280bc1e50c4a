/**
 * The copy of a driver in which it is built, so that nothing is written into the user's tree. It lasts, and only what changed is
 * written, so that make compiles what was touched and no more.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../base/userError';
import type { DriverSource } from './driverSource';

/** A driver is small; a folder with more is the wrong one. */
const FILES_MAX = 500;
/** How far above the driver's folder its headers may be: drivers/vfio/pci/ism includes ../vfio_pci_priv.h. */
const PARENTS = 2;
/** What takes part in a build; products of other builds are left behind. */
const SOURCE = /(\.(c|h|S|inc)|^(Makefile|Kbuild|Kconfig))$/;
const PRODUCT = /\.mod\.c$/;
const LIST = '.copied.json';

export interface SourceCopy {
  /** Where make is to build: the copy of the driver's folder. */
  readonly folder: string;
  /** The user's file for a file of the copy, relative to `folder` or absolute; undefined for files that are no part of it. */
  original(file: string): string | undefined;
  /** Absolute paths of the driver's own source files, the user's. */
  readonly files: readonly string[];
}

/**
 * Brings the copy up to date.
 *
 * @param storage a folder of the extension's own
 * @param flags added to ccflags-y in the copy's Makefile
 */
export async function copySources(
  source: DriverSource,
  storage: string,
  flags: readonly string[],
): Promise<SourceCopy> {
  const key = createHash('sha256').update(source.folder).digest('hex').slice(0, 16);
  const base = path.join(storage, `driver-${key}`);
  const own = await sourcesBelow(source.folder);
  const wanted = new Map<string, Buffer>();
  for (const file of [...own, ...(await headersAbove(source))]) wanted.set(file, await readFile(file));
  const makefile = path.join(source.folder, source.makefile);
  if (flags.length > 0)
    wanted.set(
      makefile,
      Buffer.concat([
        wanted.get(makefile) ?? Buffer.of(),
        Buffer.from(`\nccflags-y += ${flags.join(' ')}\n`),
      ]),
    );
  const place = (file: string): string => path.join(base, path.relative(source.root, file));
  await removeVanished(base, [...wanted.keys()].map(place));
  for (const [file, content] of wanted) {
    const target = place(file);
    const there = await readFile(target).catch(() => undefined);
    if (there?.equals(content)) continue;
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, content);
  }
  const folder = place(source.folder);
  return {
    folder,
    files: own.filter((file) => file.endsWith('.c')),
    original: (file) => {
      const relative = path.relative(base, path.resolve(folder, file));
      const original = path.join(source.root, relative);
      return relative.startsWith('..') || !wanted.has(original) ? undefined : original;
    },
  };
}

/** Files that were copied once and are gone since must not be included by accident. */
async function removeVanished(base: string, present: readonly string[]): Promise<void> {
  const list = path.join(base, LIST);
  const before = await readFile(list, 'utf8').then(
    (text) => JSON.parse(text) as string[],
    () => [],
  );
  const inside = (file: string): boolean => !path.relative(base, file).startsWith('..');
  for (const file of before) if (!present.includes(file) && inside(file)) await rm(file, { force: true });
  await mkdir(base, { recursive: true, mode: 0o700 });
  await writeFile(list, JSON.stringify(present));
}

async function sourcesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const file = path.join(at, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
        await walk(file);
      else if (entry.isFile() && SOURCE.test(entry.name) && !PRODUCT.test(entry.name)) found.push(file);
      if (found.length > FILES_MAX)
        throw new UserError(
          `${folder} has more than ${FILES_MAX} source files; choose the folder of one driver.`,
        );
    }
  };
  await walk(folder);
  return found;
}

/** Headers beside the folders on the way up, as far as the workspace goes. */
async function headersAbove({ folder, root }: DriverSource): Promise<string[]> {
  const found: string[] = [];
  let at = folder;
  for (let up = 0; up < PARENTS && at !== root; up++) {
    at = path.dirname(at);
    const entries = await readdir(at, { withFileTypes: true });
    found.push(
      ...entries
        .filter((entry) => entry.isFile() && entry.name.endsWith('.h'))
        .map(({ name }) => path.join(at, name)),
    );
  }
  return found;
}
