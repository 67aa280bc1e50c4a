import { mkdirSync, statSync } from 'node:fs';
import nodeModule from 'node:module';
import os from 'node:os';
import path from 'node:path';

/**
 * The folder for compiled code; undefined when none is wanted: Node's own variable, NODE_DISABLE_COMPILE_CACHE, switches the cache
 * off.
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

/** What Node.js has since 22.1. */
interface CachingModule {
  readonly enableCompileCache?: (folder: string) => unknown;
}

/** Whether only this user can have put code there. */
function isPrivate(folder: string): boolean {
  const { uid, mode } = statSync(folder);
  return process.platform === 'win32' || (uid === process.getuid?.() && (mode & 0o022) === 0);
}

/**
 * Keeps what V8 compiles from one run to the next, by Node's cache: compiling is a fifth of what a short run costs. Node.js before
 * 22.1 has no such cache and compiles in each run. A folder that cannot be used is passed over in silence.
 */
export function keepCompiledCode(folder = cacheFolder()): void {
  if (folder === undefined) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isPrivate(folder)) (nodeModule as CachingModule).enableCompileCache?.(folder);
  } catch {
    // A home that is read only: the next run compiles again.
  }
}
