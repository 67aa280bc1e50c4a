import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = process.cwd();
const name = 'todo-forbidden-call';

interface MochaReport {
  readonly passes: readonly { readonly title: string }[];
  readonly failures: readonly { readonly title: string; readonly err: { readonly message: string } }[];
}

describe('npm run new-rule', function () {
  this.timeout(60_000);
  let copy: string;

  const run = (
    args: readonly string[],
    env = {},
  ): { status: number | null; output: string; stdout: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, UPDATE_EXPECTED: '', UPDATE_REFERENCE: '', ...env },
    });
    return { status, stdout, output: stdout + stderr };
  };

  /** Builds and runs a test file of the copy. */
  function test(file: string, env = {}): MochaReport {
    const built = `dist/test/${file}.js`;
    const esbuild = ['--bundle', '--platform=node', '--packages=external', `--outfile=${built}`];
    assert.equal(
      spawnSync('node_modules/.bin/esbuild', [`${file}.ts`, ...esbuild, '--log-level=error'], { cwd: copy })
        .status,
      0,
    );
    const { stdout } = run(['node_modules/mocha/bin/mocha.js', '--reporter=json', '-g', name, built], env);
    return JSON.parse(stdout) as MochaReport;
  }

  const titles = ({ passes }: MochaReport): string[] => passes.map(({ title }) => title);

  before(() => {
    copy = mkdtempSync(path.join(tmpdir(), 'ism-new-rule-'));
    for (const folder of [
      'server',
      'protocol',
      'storescript',
      'scripts',
      'package.json',
      '.prettierrc.json',
      '.editorconfig',
    ])
      cpSync(path.join(root, folder), path.join(copy, folder), { recursive: true });
    mkdirSync(path.join(copy, 'dist'));
    symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
    symlinkSync(path.join(root, 'dist', 'server'), path.join(copy, 'dist', 'server'));
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  it('refuses a name that no rule can have, and one that exists', () => {
    const wrong = run(['scripts/newRule.mjs', 'NoRule']);
    assert.equal(wrong.status, 2);
    assert.match(wrong.output, /^npm run new-rule: 'NoRule' is no name of a rule; give two or more words/);
    const taken = run(['scripts/newRule.mjs', 'missing-err-handler']);
    assert.equal(taken.status, 2);
    assert.match(taken.output, /missingErrHandler\.ts exists already; choose another name\.\n$/);
  });

  it('writes and registers a rule whose fixtures run at once', () => {
    const created = run(['scripts/newRule.mjs', name]);
    assert.equal(created.status, 0, created.output);
    assert.match(created.output, /Next:\n1\. npm run update-expected/);

    const unpinned = test('server/rules/fixtures.test');
    assert.deepEqual(titles(unpinned), [`${name}: silent: example.c`]);
    assert.match(unpinned.failures[0]?.err.message ?? '', /run `npm run update-expected`/);

    const pinned = test('server/rules/fixtures.test', { UPDATE_EXPECTED: '1' });
    assert.deepEqual(titles(pinned), [`${name}: found: example.c`, `${name}: silent: example.c`]);
    const file = path.join(copy, 'server/rules/fixtures', name, 'found/example.expected');
    assert.match(
      readFileSync(file, 'utf8'),
      /^warning todo-forbidden-call at example\.c:6:2-21 in foo_start\(\)$/m,
    );
    assert.ok(!existsSync(file.replace('found', 'silent')));
  });

  it('is not finished while a TODO is left', () => {
    const { failures } = test('server/rules/reference.test');
    assert.deepEqual(
      failures.map(({ err }) => err.message.split('\n')[0]),
      [`something is left to write`],
    );
  });

  it('keeps to the format of the others', () => {
    const constant = 'server/rules/todoForbiddenCall.ts';
    const format = run([
      'node_modules/prettier/bin/prettier.cjs',
      '--check',
      constant,
      'server/rules/rules.ts',
    ]);
    assert.equal(format.status, 0, format.output);
  });
});
