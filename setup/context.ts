import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { SetupError } from './setupError';

/** What every step of setting up needs to know. */
export interface SetupContext {
  /** The folder in which everything lives that was unpacked or built; its files name each other by absolute paths. */
  readonly cache: string;
  /** The folder of unpacked packages, which name nothing outside; the same as `cache` unless the cache was moved. */
  readonly store: string;
  /** Ask the package index again even where the cache already has an answer. */
  readonly refresh: boolean;
  /** Tells the user one line of progress, without a newline at its end. */
  say(line: string): void;
}

export interface SetupOptions {
  /** Overrides the cache folder; default: $ISM_CACHE, $XDG_CACHE_HOME/ism-driver-tools or ~/.cache/ism-driver-tools. */
  readonly cache?: string;
  readonly refresh?: boolean;
  /** Where progress goes; default: standard error, so that the output of commands stays clean. */
  readonly say?: (line: string) => void;
}

/** The Cache Directory Tagging Specification: backups skip such a folder, and `clean` knows that it is ours. */
const tagFile = 'CACHEDIR.TAG';
const tagText =
  'Signature: 8a477f597d28d172789f06886806bc55\n# Made by ISM Driver Tools; it can be removed.\n';

/** Whether a folder was made as a cache by this project. */
export function isTaggedCache(folder: string): boolean {
  try {
    return readFileSync(path.join(folder, tagFile), 'utf8') === tagText;
  } catch {
    return false;
  }
}

/** The cache folder that the environment asks for; it need not exist. */
export function defaultCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['ISM_CACHE']) return path.resolve(env['ISM_CACHE']);
  // The XDG base directory specification says that relative paths in this variable are to be ignored.
  const xdg = env['XDG_CACHE_HOME'];
  const base = xdg && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.cache');
  return path.join(base, 'ism-driver-tools');
}

/**
 * Checks the machine, creates the cache folder and returns the context for all functions of setup/.
 * @throws SetupError when this machine or this folder cannot serve
 */
export function openSetup(options: SetupOptions = {}): SetupContext {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new SetupError(
      `This needs Linux on x86-64 (this is ${process.platform} on ${process.arch}); use such a machine, or a container on one.`,
    );
  const cache = options.cache ?? defaultCacheFolder();
  // make splits its lists at blanks, and library search paths split at colons; neither can be quoted.
  if (!/^[\w/.,@%+~=-]+$/.test(cache))
    throw new SetupError(
      `The cache folder '${cache}' has a character in its name that make or the dynamic linker cannot take; set ISM_CACHE to a folder without blanks, colons and the like.`,
    );
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK | constants.X_OK);
    if (!readdirSync(cache).length) writeFileSync(path.join(cache, tagFile), tagText);
  } catch (error) {
    throw new SetupError(
      `The cache folder '${cache}' cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}); set ISM_CACHE to a folder that can.`,
    );
  }
  const say = options.say ?? ((line: string) => void process.stderr.write(`${line}\n`));
  return {
    cache: cacheAt(cache, say),
    store: cache,
    refresh: options.refresh ?? false,
    say,
  };
}

/**
 * The folder to use in a cache that may have been made under another path: moved, or mounted elsewhere. What is in it then names files
 * that are not there, so all but the packages is made again in a folder of its own; the other path may still be in use.
 */
function cacheAt(cache: string, say: (line: string) => void): string {
  const file = path.join(cache, 'PLACE');
  try {
    const made = readFileSync(file, 'utf8');
    if (made === cache) return cache;
    const own = path.join(cache, `at-${createHash('sha256').update(cache).digest('hex').slice(0, 8)}`);
    if (!existsSync(own))
      say(`set-up: the cache ${cache} was made as ${made}; what depends on its path is made again in ${own}`);
    mkdirSync(own, { recursive: true });
    return own;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    writeFileSync(file, cache);
    return cache;
  }
}

/** Runs a step and says what it is about, and when it is done how long it took. */
export async function timed<T>(setup: SetupContext, doing: string, step: () => Promise<T>): Promise<T> {
  setup.say(`set-up: ${doing}`);
  const start = process.hrtime.bigint();
  const result = await step();
  const seconds = Number((process.hrtime.bigint() - start) / 100_000_000n) / 10;
  setup.say(`set-up:   done in ${seconds.toFixed(1)} s`);
  return result;
}
