import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder, CodeCache } from './codeCache';

const program = path.resolve('dist/server/ism-lint.js');

describe('compiled code that is kept', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), 'ism-code-'));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  const run = (more: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, [program, '--list-rules'], {
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: home, ...more },
    });
  const code = (): string => path.join(home, 'ism-driver-tools', 'code');

  it('is written by the first run, and the second one says the same', () => {
    const first = run();
    const kept = readdirSync(code()).map((name) => ({
      name,
      time: statSync(path.join(code(), name)).mtimeMs,
    }));
    assert.deepEqual(
      kept.map(({ name }) => name.replace(/-.*/, '')),
      ['ism', 'web'],
    );
    const second = run();
    assert.deepEqual([second.status, second.stdout, second.stderr], [0, first.stdout, '']);
    for (const { name, time } of kept) assert.equal(statSync(path.join(code(), name)).mtimeMs, time);
  });

  it('is good for the next run when one has linted something, too', () => {
    const lint = (): void => {
      const fixture = 'server/rules/fixtures/region-info-unknown-index/found/default-return.c';
      const { status } = spawnSync(process.execPath, [program, fixture], {
        env: { ...process.env, XDG_CACHE_HOME: home },
      });
      assert.equal(status, 1);
    };
    const written = (): number[] =>
      readdirSync(code()).map((name) => statSync(path.join(code(), name)).mtimeMs);
    lint();
    const before = written();
    lint();
    assert.deepEqual(written(), before);
  });

  it('is not written when Node is told to keep none, nor into a home that cannot be written', () => {
    assert.equal(run({ NODE_DISABLE_COMPILE_CACHE: '1' }).status, 0);
    assert.deepEqual(readdirSync(home), []);
    const file = path.join(home, 'file');
    writeFileSync(file, '');
    const { status, stderr } = run({ XDG_CACHE_HOME: file });
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('is replaced when it is damaged', () => {
    const { stdout } = run();
    const files = readdirSync(code()).map((name) => path.join(code(), name));
    for (const file of files) writeFileSync(file, 'no code');
    const damaged = run();
    assert.deepEqual([damaged.status, damaged.stdout, damaged.stderr], [0, stdout, '']);
    for (const file of files) assert.ok(statSync(file).size > 1000, `${file} is written anew`);
  });

  it('is not taken from a folder that others can write', () => {
    const cache = new CodeCache(code(), program);
    cache.write(Buffer.from('data'));
    assert.equal(cache.read()?.toString(), 'data');
    chmodSync(code(), 0o777);
    assert.equal(cache.read(), undefined);
    assert.equal(statSync(code()).mode & 0o022, 0o022);
  });

  it('of old versions goes away', () => {
    mkdirSync(code(), { recursive: true, mode: 0o700 });
    for (let version = 0; version < 9; version++)
      writeFileSync(path.join(code(), `ism-lint-old-${version}`), 'x');
    new CodeCache(code(), program).write(Buffer.from('data'));
    assert.equal(readdirSync(code()).length, 4);
  });

  it('has its place in the folder of caches', () => {
    assert.equal(cacheFolder({ XDG_CACHE_HOME: '/c' }, '/h'), path.join('/c', 'ism-driver-tools', 'code'));
    assert.equal(cacheFolder({ XDG_CACHE_HOME: 'c' }, '/h'), path.join('/h', '.cache/ism-driver-tools/code'));
    assert.equal(cacheFolder({}, ''), undefined);
  });
});
