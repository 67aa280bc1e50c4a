import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SetupContext } from '../setup/context';
import { defaultKernel } from './machine/api';
import type { KernelFlavour } from './kernel/flavour';
import type { LabMode } from './machine/machine';
import { projectFile } from './base/projectFile';

interface Choice {
  /** Both modes unless told. */
  readonly mode: LabMode | undefined;
  readonly kernel: KernelFlavour | undefined;
}

/**
 * Runs the whole conformance suite, of which `npm test` runs a part, in a process of its own.
 * @returns the exit code
 */
export async function selftest(setup: SetupContext, choice: Choice): Promise<number> {
  const kernel = choice.kernel ?? defaultKernel();
  const suite = projectFile('dist/test/test/conformance');
  const files = readdirSync(suite).filter((name) => name.endsWith('.test.js'));
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-selftest-'));
  const report = path.join(folder, 'report.json');
  const program = projectFile('dist/tools/mocha-process.js');
  const limit = String(30 * 60_000);
  const args = [
    '--enable-source-maps',
    program,
    report,
    limit,
    ...files.map((name) => path.join(suite, name)),
  ];
  const env = {
    ...process.env,
    ISM_CACHE: setup.cache,
    ISM_LAB_KERNEL: kernel,
    ISM_CONFORMANCE: choice.mode ?? 'all',
  };
  try {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
    process.once('exit', () => child.kill());
    await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
    const { passed, failed } = count(report);
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 && passed > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Without a report the run was cut off, which counts as a failure. */
function count(report: string): { readonly passed: number; readonly failed: number } {
  try {
    return JSON.parse(readFileSync(report, 'utf8')) as { passed: number; failed: number };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
