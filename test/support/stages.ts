/** The parts of `npm test`, each with what it needs to be set up. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import type { TestReport } from './runMocha';

/**
 * Runs a program with its output shown; resolves with its exit code.
 *
 * @param keep gets the output instead
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
    if (keep) for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Counts a command as one test; its output is shown when it has ended, so that several can run at once. */
export async function check(
  name: string,
  program: string,
  args: readonly string[],
  cwd: string,
  env?: Readonly<Record<string, string>>,
): Promise<TestReport> {
  const output: string[] = [];
  const code = await show(program, args, cwd, env, (text) => output.push(text));
  process.stdout.write(`${output.join('')}  ${code === 0 ? 'ok' : 'FAILED'} ${name}\n`);
  return code === 0
    ? { passed: 1, failed: 0, skipped: 0, skips: [], failures: [] }
    : {
        passed: 0,
        failed: 1,
        skipped: 0,
        skips: [],
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

/** Tests that share a process. */
export interface TestGroup {
  readonly name: string;
  readonly files: readonly string[];
}

/**
 * Runs each group in a process of its own, two at once where there are two cores: one that waits for a simulated host leaves
 * its core to the other. The output of a group is shown as a whole when it has ended.
 */
export async function mochaEach(
  root: string,
  groups: readonly TestGroup[],
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<TestReport[]> {
  const queue = [...groups];
  const reports: TestReport[] = [];
  const work = async (): Promise<void> => {
    for (let group = queue.shift(); group; group = queue.shift()) {
      const start = Date.now();
      const output: string[] = [];
      const report = await mocha(root, group.files, env, timeoutMs, (text) => output.push(text));
      reports.push(report);
      const seconds = ((Date.now() - start) / 1000).toFixed(0);
      process.stdout.write(
        `${output.join('').trimEnd()}\n  ${group.name}: ${seconds} s, ${reports.length} of ${groups.length}\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  return reports;
}

/** Reads and removes a report; without one the run was cut off. */
export function readReport(reportFile: string, code: number, folder: string): TestReport {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8')) as TestReport;
  } catch {
    const error = `the tests ended with ${code} before they wrote their report`;
    return { passed: 0, failed: 1, skipped: 0, skips: [], failures: [{ title: 'the test process', error }] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
