import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** So many caches are kept of one program: for a few versions of Node.js, or of the program, side by side. */
const keptCaches = 4;

/**
 * The folder for what V8 made of the programs, or undefined when none is wanted: Node's own variable for its cache of
 * compiled code, NODE_DISABLE_COMPILE_CACHE, counts here as well.
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  home = os.homedir(),
): string | undefined {
  if (environment['NODE_DISABLE_COMPILE_CACHE']) return undefined;
  const set = environment['XDG_CACHE_HOME'];
  const base =
    process.platform === 'win32'
      ? environment['LOCALAPPDATA']
      : set && path.isAbsolute(set)
        ? set
        : home && path.join(home, '.cache');
  return base ? path.join(base, 'ism-driver-tools', 'code') : undefined;
}

/** Whether nobody but this user can have put code there. */
function isPrivate(folder: string): boolean {
  const { uid, mode } = statSync(folder);
  return process.platform === 'win32' || (uid === process.getuid?.() && (mode & 0o022) === 0);
}

/**
 * What V8 compiled of a program, kept from one run to the next: compiling is a third of what a short run costs. V8
 * itself checks that data is of its version and flags; of the program it compares the length alone, so the cache is named
 * by which file that is and when it was written. (Node's crypto would take longer to load than the rest of this.)
 */
export class CodeCache {
  private readonly file: string;
  private readonly prefix: string;

  /**
   * @param folder where caches are
   * @param program its file
   */
  constructor(
    private readonly folder: string,
    program: string,
  ) {
    const { size, mtimeMs, ino } = statSync(program);
    const version = [process.arch, process.version, size, mtimeMs, ino].join('-');
    this.prefix = `${path.basename(program, '.js')}-`;
    this.file = path.join(folder, this.prefix + version);
  }

  /** What was kept, if anything was. */
  read(): Buffer | undefined {
    try {
      return isPrivate(this.folder) ? readFileSync(this.file) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps it. Nothing is said when that fails, as in a home that is read only: the next run compiles again. */
  write(data: Buffer): void {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      if (!isPrivate(this.folder)) return;
      const unfinished = `${this.file}.${process.pid}`;
      try {
        writeFileSync(unfinished, data, { mode: 0o600, flag: 'wx' });
        renameSync(unfinished, this.file);
      } finally {
        rmSync(unfinished, { force: true });
      }
      this.removeOld();
    } catch {
      // See above.
    }
  }

  private removeOld(): void {
    const files = readdirSync(this.folder)
      .filter((name) => name.startsWith(this.prefix))
      .map((name) => path.join(this.folder, name))
      .map((file) => ({ file, time: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => b.time - a.time);
    for (const { file } of files.slice(keptCaches)) rmSync(file, { force: true });
  }
}
