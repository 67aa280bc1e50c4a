import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What a run of ism-lint left behind. */
export interface LintRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A folder of its own in which ism-lint runs as a user runs it: the program, its arguments, its output. */
export class LintFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'ism-lint-'));

  /** Writes a file. */
  put(name: string, content: string | Buffer): string {
    mkdirSync(path.dirname(path.join(this.path, name)), { recursive: true });
    writeFileSync(path.join(this.path, name), content);
    return name;
  }

  /** Runs ism-lint in the folder. */
  run(...args: string[]): LintRun {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.resolve('dist/server/ism-lint.js'), ...args],
      { cwd: this.path, encoding: 'utf8' },
    );
    return { code: status, out: stdout, err: stderr };
  }

  /** Removes the folder. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
