/** The parts of `npm test`, each with what it needs to be set up. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import type { TestReport } from './runMocha';

/**
 * Runs a program with its output shown; resolves with its exit code.
 *
 * @param keep gets the output instead; then the program is one that runs beside another, and gives way to it
 */
export function show(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  keep?: (output: string) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', keep ? 'pipe' : 'inherit', keep ? 'pipe' : 'inherit'],
    });
    if (keep) {
      if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
      for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', keep);
    }
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Counts a command as one test. */
export async function check(
  name: string,
  program: string,
  args: readonly string[],
  cwd: string,
  env?: Readonly<Record<string, string>>,
): Promise<TestReport> {
  const code = await show(program, args, cwd, env);
  console.log(`  ${code === 0 ? 'ok' : 'FAILED'} ${name}`);
  return code === 0
    ? { passed: 1, failed: 0, skipped: 0, failures: [] }
    : {
        passed: 0,
        failed: 1,
        skipped: 0,
        failures: [{ title: name, error: `${program} ended with ${code}` }],
      };
}

/** Every built test file below the given folders of dist/test. */
export function testFiles(root: string, ...folders: string[]): string[] {
  return folders.flatMap((folder) => {
    const place = path.join(root, 'dist', 'test', folder);
    return readdirSync(place, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.js'))
      .sort()
      .map((name) => path.join(place, name));
  });
}

/** Runs mocha in a process of its own; one that dies without a report counts as one failure. `keep` is as for {@link show}. */
export async function mocha(
  root: string,
  files: readonly string[],
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
  keep?: (output: string) => void,
): Promise<TestReport> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-report-'));
  const reportFile = path.join(folder, 'report.json');
  const program = path.join(root, 'dist', 'tools', 'mocha-process.js');
  const code = await show(
    process.execPath,
    ['--enable-source-maps', program, reportFile, String(timeoutMs), ...files],
    root,
    env,
    keep,
  );
  return readReport(reportFile, code, folder);
}

/** Reads and removes a report; without one the run was cut off. */
export function readReport(reportFile: string, code: number, folder: string): TestReport {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8')) as TestReport;
  } catch {
    const error = `the tests ended with ${code} before they wrote their report`;
    return { passed: 0, failed: 1, skipped: 0, failures: [{ title: 'the test process', error }] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
