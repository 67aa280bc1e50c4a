import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import nodeModule from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from './compileCache';

const program = path.resolve('dist/server/ism-lint.js');
const fixture = 'server/rules/fixtures/region-info-unknown-index/found/default-return.c';

describe('the cache of compiled code', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), 'ism-code-'));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  const run = (args: readonly string[] = ['--list-rules'], more: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, [program, ...args], {
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: home, ...more },
    });
  const code = (): string => path.join(home, 'ism-driver-tools', 'code');
  /** The files of the cache, with when they were written. */
  const kept = (): { file: string; time: number }[] =>
    readdirSync(code(), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(code(), name))
      .filter((file) => statSync(file).isFile())
      .sort()
      .map((file) => ({ file, time: statSync(file).mtimeMs }));

  describe('with a Node.js that has one', () => {
    before(function () {
      if (!('enableCompileCache' in nodeModule)) this.skip();
    });

    it('is written by the first run, and the second run prints the same', () => {
      const first = run();
      const before = kept();
      assert.ok(before.length >= 2, `${before.length} files`);
      const second = run();
      assert.deepEqual([second.status, second.stdout, second.stderr], [0, first.stdout, '']);
      assert.deepEqual(kept(), before);
    });

    it('serves the next run that lints a file', () => {
      assert.equal(run([fixture]).status, 1);
      const before = kept();
      assert.equal(run([fixture]).status, 1);
      assert.deepEqual(kept(), before);
    });

    it('is replaced when it is damaged', () => {
      const { stdout } = run();
      for (const { file } of kept()) writeFileSync(file, 'no code');
      const damaged = run();
      assert.deepEqual([damaged.status, damaged.stdout, damaged.stderr], [0, stdout, '']);
      for (const { file } of kept()) assert.ok(statSync(file).size > 1000, `${file} was not replaced`);
    });
  });

  it('is not written when Node is told to keep none, nor into a home that cannot be written', () => {
    assert.equal(run(undefined, { NODE_DISABLE_COMPILE_CACHE: '1' }).status, 0);
    assert.deepEqual(readdirSync(home), []);
    const file = path.join(home, 'file');
    writeFileSync(file, '');
    const { status, stderr } = run(undefined, { XDG_CACHE_HOME: file });
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('is not used in a folder that others can write', () => {
    mkdirSync(code(), { recursive: true });
    chmodSync(code(), 0o777);
    assert.equal(run().status, 0);
    assert.deepEqual(kept(), []);
    assert.equal(statSync(code()).mode & 0o022, 0o022);
  });

  it('lies in the folder of caches', () => {
    assert.equal(cacheFolder({ XDG_CACHE_HOME: '/c' }, '/h'), path.join('/c', 'ism-driver-tools', 'code'));
    assert.equal(cacheFolder({ XDG_CACHE_HOME: 'c' }, '/h'), path.join('/h', '.cache/ism-driver-tools/code'));
    assert.equal(cacheFolder({}, ''), undefined);
    assert.ok(!existsSync(code()));
  });
});
