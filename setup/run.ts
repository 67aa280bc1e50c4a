import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram } from './findProgram';
import { SetupError } from './setupError';
import { tethered } from './tether';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A file that the command line and all output are appended to. */
  readonly log: string;
  /** Gets each line of standard output as it comes, for the progress of long steps. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  /** The exit code; 128 + signal number is not used: a killed command counts as code 1. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Children that are to end when this process does: an interrupted set-up must not leave a download running. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Runs a program to its end without a shell and returns its output, whatever its exit code is.
 * @throws SetupError when the program does not exist
 */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  mkdirSync(path.dirname(options.log), { recursive: true });
  appendFileSync(options.log, `$ ${program} ${args.join(' ')}\n`);
  const missing = (): SetupError =>
    new SetupError(`'${program}' was not found. This needs a Debian-like machine that has it.`);
  return new Promise((resolve, reject) => {
    // LC_ALL: messages of apt are searched for causes, so they must not be translated.
    const found = program.includes('/') ? program : findProgram(program);
    if (found === undefined) {
      reject(missing());
      return;
    }
    const tied = tethered(found, args);
    const child = spawn(tied.command, tied.args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    if (options.onLine) createInterface({ input: child.stdout }).on('line', options.onLine);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (error: NodeJS.ErrnoException) => {
      running.delete(child);
      reject(error.code === 'ENOENT' ? missing() : error);
    });
    child.once('close', (code) => {
      if (!running.delete(child)) return; // it never started
      appendFileSync(options.log, stdout + stderr + `(exit code ${code ?? 'none, killed'})\n`);
      if (code === 127 && stderr.startsWith(`setpriv: failed to execute ${found}:`)) reject(missing());
      resolve({ code: code ?? 1, stdout, stderr });
    });
  });
}

/**
 * Like run(), for a program that has to succeed.
 * @param purpose ends the sentence "Could not ...", for example "unpack QEMU"
 * @throws SetupError that names the log and, where it can be told, the cause
 */
export async function mustRun(
  purpose: string,
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const result = await run(program, args, options);
  if (result.code === 0) return result.stdout;
  throw failure(purpose, result.stderr + result.stdout, options.log);
}

/** Turns the output of a failed command into the sentence that helps most. */
export function failure(purpose: string, output: string, log: string): SetupError {
  if (/No space left on device|Disk quota exceeded|not have enough free space/i.test(output))
    return new SetupError(
      `Could not ${purpose}: the disk is full; free some space or set ISM_CACHE to a folder on another disk (details: ${log}).`,
    );
  if (/Permission denied/i.test(output))
    return new SetupError(`Could not ${purpose}: permission denied (details: ${log}).`);
  return new SetupError(`Could not ${purpose} (details: ${log}).`);
}
