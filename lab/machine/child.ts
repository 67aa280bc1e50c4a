import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { tethered } from '../../setup/tether';

export interface ChildOptions {
  readonly cwd: string;
  /** File that standard error is appended to, and standard output unless it is piped. */
  readonly log: string;
  /** 'pipe' when the caller reads standard output. */
  readonly stdout?: 'pipe';
}

/** Children of labs that have not been stopped, so that none outlives this process. */
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/**
 * Starts a program that ends when this process does: by the handler above when it exits, by its closed standard input
 * where the program watches that, and by the kernel when this process is killed outright.
 */
export function startChild(program: string, args: readonly string[], options: ChildOptions): ChildProcess {
  const tied = tethered(program, args);
  const log = openSync(options.log, 'a');
  // detached: Ctrl+C reaches this process only, which then stops its children in order.
  const child = spawn(tied.command, tied.args, {
    cwd: options.cwd,
    detached: true,
    stdio: ['pipe', options.stdout ?? log, log],
  });
  closeSync(log);
  child.stdin?.on('error', () => undefined);
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  child.once('error', () => alive.delete(child));
  return child;
}

/** Ends a child and waits until it is gone. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(timer);
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
