import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SetupContext } from './context';
import { findProgram } from './findProgram';
import { SetupError } from './setupError';

/**
 * Runs `work` while holding a lock that other processes respect.
 *
 * Node has no flock(2), so a child of util-linux's flock holds the lock until its standard input ends. The kernel gives
 * the lock back when that child ends, which happens as soon as this process is gone for whatever reason: there is no
 * stale lock to detect and none to take over by guesswork.
 * @param name file name of the lock; locks are taken in the order "artefact, then package index", never the other way
 */
export async function withLock<T>(setup: SetupContext, name: string, work: () => Promise<T>): Promise<T> {
  const file = lockFile(setup, name);
  const release = (await acquire(file, true)) ?? (await waitFor(setup, file));
  writeFileSync(`${file}.owner`, String(process.pid));
  try {
    return await work();
  } finally {
    await release();
  }
}

export type Release = () => Promise<void>;

/** Takes a lock for longer than one piece of work; resolves with undefined when somebody else has it. */
export function tryLock(setup: SetupContext, name: string): Promise<Release | undefined> {
  return acquire(lockFile(setup, name), true);
}

function lockFile(setup: SetupContext, name: string): string {
  const folder = path.join(setup.cache, 'locks');
  mkdirSync(folder, { recursive: true });
  return path.join(folder, name.replaceAll('/', '-'));
}

async function waitFor(setup: SetupContext, file: string): Promise<Release> {
  const holder = owner(file);
  if (holder !== String(process.pid))
    setup.say(`set-up: waiting for another set-up (process ${holder}) that is using ${setup.cache}`);
  const release = await acquire(file, false);
  if (!release)
    throw new SetupError(`The lock ${file} could not be taken; remove it and run the command again.`);
  return release;
}

function owner(file: string): string {
  try {
    return readFileSync(`${file}.owner`, 'utf8');
  } catch {
    return 'unknown';
  }
}

/** Resolves with a function that releases the lock, or with undefined when `nonblock` is set and it is taken. */
function acquire(file: string, nonblock: boolean): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    const args = [...(nonblock ? ['--nonblock'] : []), file, 'sh', '-c', 'echo locked; exec cat >/dev/null'];
    // detached: Ctrl+C is for this process, which then gives up the lock when its work has ended.
    const child = spawn(findProgram('flock') ?? 'flock', args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    child.once('error', () =>
      reject(
        new SetupError("'flock' was not found; install util-linux, which every Debian-like machine has."),
      ),
    );
    const ended = new Promise<void>((exited) => child.once('exit', () => exited()));
    child.stdout.once('data', () => {
      child.unref();
      resolve(() => {
        child.ref();
        child.stdin.end();
        return ended;
      });
    });
    void ended.then(() => resolve(undefined));
    child.stdin.on('error', () => undefined);
  });
}
