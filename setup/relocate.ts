import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/** Where a root is being filled, and where its content will be when it is done. */
export interface RootPlace {
  readonly temporary: string;
  readonly final: string;
}

/** All entries below a folder that are no folders, as paths relative to it. */
export function* filesBelow(folder: string, inside = ''): Generator<string> {
  for (const entry of readdirSync(path.join(folder, inside), { withFileTypes: true })) {
    const here = path.join(inside, entry.name);
    if (entry.isDirectory()) yield* filesBelow(folder, here);
    else yield here;
  }
}

/** Points absolute symbolic links at the private root, where what they mean is there. */
export function relocateLinks({ temporary, final }: RootPlace): void {
  for (const name of filesBelow(temporary)) {
    const file = path.join(temporary, name);
    if (!lstatSync(file).isSymbolicLink()) continue;
    const target = readlinkSync(file);
    if (!target.startsWith('/') || !existsSync(path.join(temporary, target))) continue;
    rmSync(file);
    symlinkSync(path.join(final, target), file);
  }
}

/** Replaces text in one file. The file is written anew, since its old content is shared with the package store. */
export function rewriteFile(file: string, change: (text: string) => string): void {
  const mode = statSync(file).mode;
  const text = change(readFileSync(file, 'utf8'));
  rmSync(file);
  writeFileSync(file, text, { mode });
}

/**
 * Makes every program of a root run with the root's own C library and dynamic linker, whatever the machine has: the
 * program moves aside and a two-line script takes its place. The library path is an argument of the dynamic linker
 * (ld.so(8)) and not LD_LIBRARY_PATH, since programs of the machine that ours start must not inherit it.
 * @param extra arguments that a program gets before those of its caller, by the program's name
 */
export function wrapPrograms(place: RootPlace, extra: (name: string) => readonly string[] = () => []): void {
  const libraries = libraryFolders(place).join(':');
  const linker = path.join(place.final, 'usr/lib64/ld-linux-x86-64.so.2');
  for (const name of filesBelow(path.join(place.temporary, 'usr'))) {
    const file = path.join(place.temporary, 'usr', name);
    if (/\.so(\.|$)/.test(name) || !needsLinker(file)) continue;
    renameSync(file, `${file}.real`);
    const real = path.join(place.final, 'usr', `${name}.real`);
    const args = extra(path.basename(name)).join(' ');
    writeFileSync(
      file,
      `#!/bin/sh\nexec ${linker} --inhibit-cache --library-path ${libraries} --argv0 "$0" ${real} ${args} "$@"\n`,
      { mode: 0o755 },
    );
  }
}

/** Folders of shared libraries in a root, as paths they will have in the end. */
export function libraryFolders({ temporary, final }: RootPlace): string[] {
  const base = 'usr/lib/x86_64-linux-gnu';
  const below = existsSync(path.join(temporary, base))
    ? readdirSync(path.join(temporary, base), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== 'gconv')
        .map((entry) => path.join(base, entry.name))
    : [];
  // Some libraries live in a folder of their package and are found by a path that only the real root has.
  const withLibraries = below.filter((folder) =>
    readdirSync(path.join(temporary, folder)).some((name) => /^lib.*\.so(\.|$)/.test(name)),
  );
  return [base, ...withLibraries].map((folder) => path.join(final, folder));
}

/** Whether a file is an executable for x86-64 that names a dynamic linker (ELF program header PT_INTERP). */
function needsLinker(file: string): boolean {
  const status = lstatSync(file);
  if (!status.isFile() || !(status.mode & 0o111) || status.size < 64) return false;
  const start = Buffer.alloc(4096);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, start, 0, start.length, 0);
  } finally {
    closeSync(handle);
  }
  const elf64LittleEndian = start.readUInt32BE(0) === 0x7f454c46 && start[4] === 2 && start[5] === 1;
  if (!elf64LittleEndian || start.readUInt16LE(18) !== 62 /* EM_X86_64 */) return false;
  const headers = Number(start.readBigUInt64LE(32));
  const size = start.readUInt16LE(54);
  const count = start.readUInt16LE(56);
  for (let at = headers; at < headers + count * size && at + 4 <= start.length; at += size)
    if (start.readUInt32LE(at) === 3 /* PT_INTERP */) return true;
  return false;
}
