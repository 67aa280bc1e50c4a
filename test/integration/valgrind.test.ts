/** The helper's unit tests once more, with the helper under valgrind: it sees what the sanitizers do not, bytes that were never set. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildNativeHelper } from '../../helper/build';
import { openSetup } from '../../setup/context';
import { valgrind } from '../../setup/hostTools';
import { mocha } from '../support/stages';

/** Those that talk to a helper about a fixture tree; the others build programs of their own. */
const FILES = ['helper', 'plan', 'modules'];

describe('the helper under valgrind', function () {
  this.timeout(1_200_000);

  it(`does what the tests ${FILES.join(', ')} want, without a complaint`, async () => {
    const setup = openSetup({ say: () => undefined });
    const tool = await valgrind(setup);
    const helper = await buildNativeHelper(setup, process.cwd(), 'plain');
    const folder = mkdtempSync(path.join(tmpdir(), 'ism-valgrind-'));
    const script = path.join(folder, 'helper.sh');
    const logs = path.join(folder, 'logs');
    const options = [
      ...['--quiet', '--leak-check=full', '--errors-for-leak-kinds=definite', '--track-fds=no'],
      ...['--child-silent-after-fork=yes', `--log-file=${logs}.%p`],
    ].join(' ');
    writeFileSync(script, `#!/bin/sh\nexec '${tool.path}' ${options} '${helper.path}' "$@"\n`, {
      mode: 0o755,
    });
    const env = { ...helper.env, ...tool.env };
    const files = FILES.map((name) =>
      path.join(process.cwd(), 'dist', 'test', 'helper', 'test', `${name}.test.js`),
    );
    const output: string[] = [];
    const report = await mocha(
      process.cwd(),
      files,
      { ISM_NATIVE_HELPER: JSON.stringify({ path: script, env }), ISM_UNDER_VALGRIND: '1' },
      300_000,
      (text) => output.push(text),
    );
    const said = readdirSync(folder)
      .filter((name) => name.startsWith('logs.'))
      .map((name) => readFileSync(path.join(folder, name), 'utf8'));
    assert.equal(report.failed, 0, output.join(''));
    assert.ok(said.length >= report.passed / 2, `valgrind ran ${said.length} times only`);
    // What it complains of begins so; with dashes it says which system calls it does not know, as openat2() on older ones.
    const complaints = said.flatMap((text) => text.split('\n').filter((line) => line.startsWith('==')));
    assert.deepEqual(complaints, []);
    console.log(`      ${report.passed} tests, ${said.length} runs of the helper`);
    rmSync(folder, { recursive: true });
  });
});
