/** Runs mocha in this process and writes a report file; used for plain Node and inside the extension host. */
import { renameSync, writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Full titles of the skipped tests; a reason stands in the title. */
  readonly skips: readonly string[];
  readonly failures: readonly { readonly title: string; readonly error: string }[];
}

/**
 * @param reportFile written at the end and only then: a run that was cut off has no report and must count as failed
 */
export function runMocha(
  files: readonly string[],
  reportFile: string,
  timeoutMs: number,
): Promise<TestReport> {
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', color: false, timeout: timeoutMs, slow: timeoutMs });
  const pattern = process.env['ISM_TEST_PATTERN'];
  if (pattern) mocha.grep(pattern);
  files.forEach((file) => mocha.addFile(file));
  return new Promise((resolve) => {
    const failures: { title: string; error: string }[] = [];
    let passed = 0;
    const skips: string[] = [];
    const runner = mocha.run(() => {
      const report = { passed, failed: failures.length, skipped: skips.length, skips, failures };
      writeFileSync(`${reportFile}.part`, JSON.stringify(report, undefined, 1));
      renameSync(`${reportFile}.part`, reportFile);
      resolve(report);
    });
    runner.on('pass', () => passed++);
    runner.on('pending', (test) => skips.push(test.fullTitle()));
    runner.on('fail', (test, error: Error) =>
      failures.push({ title: test.fullTitle(), error: error.stack ?? String(error) }),
    );
  });
}
