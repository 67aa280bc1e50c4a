import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The most memory that a process has used so far, in KiB; 0 where the system does not tell. */
export function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

export interface Measured {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The most memory it used, in KiB; 0 where the system does not tell. */
  readonly memory: number;
}

/** Runs ism-lint and looks at its memory while it runs. */
export function spawnMeasured(args: readonly string[]): Promise<Measured> {
  const child = spawn(process.execPath, [path.resolve('dist/server/ism-lint.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  let memory = 0;
  child.stdout.setEncoding('utf8').on('data', (more: string) => (out += more));
  child.stderr.setEncoding('utf8').on('data', (more: string) => (err += more));
  const look = setInterval(() => (memory = Math.max(memory, peakOf(child.pid))), 20);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(look);
      resolve({ code, out, err, memory });
    });
  });
}
