import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parsePrintedUri } from './apt';
import { artefact, contentKey, readRecord, writeRecord } from './artefact';
import { defaultCacheFolder, openSetup, type SetupContext } from './context';
import { tryLock, withLock } from './lock';
import { linkPackage } from './packageStore';
import { relocateLinks } from './relocate';
import { mustRun } from './run';
import { SetupError } from './setupError';
import { newest } from './versions';

describe('setting up', () => {
  let setup: SetupContext;
  let said: string[];
  beforeEach(() => {
    said = [];
    const cache = mkdtempSync(path.join(tmpdir(), 'setup-test-'));
    setup = openSetup({ cache, say: (line) => said.push(line) });
  });
  afterEach(() => rmSync(setup.cache, { recursive: true }));

  it('takes the cache folder from the environment, in the order that is documented', () => {
    assert.equal(defaultCacheFolder({ ISM_CACHE: '/a', XDG_CACHE_HOME: '/b' }), '/a');
    assert.equal(defaultCacheFolder({ XDG_CACHE_HOME: '/b' }), '/b/ism-driver-tools');
    assert.match(defaultCacheFolder({ XDG_CACHE_HOME: 'relative' }), /\/\.cache\/ism-driver-tools$/);
    assert.match(defaultCacheFolder({}), /\/\.cache\/ism-driver-tools$/);
  });

  it('refuses a cache folder that make or the linker could not take, and one that is a file', () => {
    assert.throws(() => openSetup({ cache: '/tmp/with blank' }), SetupError);
    assert.throws(() => openSetup({ cache: '/tmp/a:b' }), SetupError);
    const file = path.join(setup.cache, 'file');
    writeFileSync(file, '');
    assert.throws(() => openSetup({ cache: file }), /cannot be written/);
  });

  it('a cache that was moved keeps its packages and makes the rest again', () => {
    const moved = `${setup.cache}-moved`;
    assert.equal(openSetup({ cache: setup.cache }).cache, setup.cache);
    renameSync(setup.cache, moved);
    try {
      const there = openSetup({ cache: moved, say: (line) => said.push(line) });
      assert.equal(there.store, moved);
      assert.equal(path.dirname(there.cache), moved);
      assert.equal(openSetup({ cache: moved, say: (line) => said.push(line) }).cache, there.cache);
      assert.equal(said.length, 1);
      assert.match(said[0] ?? '', /was made as .*; what depends on its path is made again/);
    } finally {
      renameSync(moved, setup.cache);
    }
    assert.equal(openSetup({ cache: setup.cache }).cache, setup.cache);
  });

  it('fills an artefact once, and again only when that failed', async () => {
    let fills = 0;
    const fill = async (temporary: string): Promise<void> => {
      fills++;
      await Promise.resolve();
      writeFileSync(path.join(temporary, 'half'), String(fills));
      if (fills === 1) throw new Error('interrupted');
    };
    await assert.rejects(artefact(setup, 'things/a', fill), /interrupted/);
    assert.equal(existsSync(path.join(setup.cache, 'things/a')), false);
    // Three at once: one fills, the others wait for it.
    const folders = await Promise.all([1, 2, 3].map(() => artefact(setup, 'things/a', fill)));
    assert.deepEqual(new Set(folders).size, 1);
    assert.equal(fills, 2);
    assert.equal(readFileSync(path.join(setup.cache, 'things/a/half'), 'utf8'), '2');
    assert.deepEqual(readdirSync(path.join(setup.cache, 'things')), ['a']);
  });

  it('tells a full disk from other failures', async () => {
    const full = Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC' });
    await assert.rejects(
      artefact(setup, 'x', () => Promise.reject(full)),
      (error) => error instanceof SetupError && /disk .* is full/.test(error.message),
    );
  });

  it('lets one at a time hold a lock and takes it over from the dead', async function () {
    this.timeout(20_000);
    const file = path.join(setup.cache, 'locks', 'x');
    mkdirSync(path.dirname(file), { recursive: true });
    const other = spawn('flock', [file, 'sh', '-c', 'echo locked; exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await new Promise((resolve) => other.stdout.once('data', resolve));
    writeFileSync(`${file}.owner`, '4711');
    assert.equal(await tryLock(setup, 'x'), undefined);
    let entered = false;
    const waiting = withLock(setup, 'x', async () => {
      entered = true;
      await Promise.resolve();
    });
    while (!said.length) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.match(said[0] ?? '', /waiting for another set-up \(process 4711\)/);
    assert.equal(entered, false);
    // As when its owner is killed: the pipe that keeps it alive breaks.
    other.stdin.destroy();
    await waiting;
    assert.equal(entered, true);
    const release = await tryLock(setup, 'x');
    assert.ok(release);
    await release();
  });

  it('keeps records whole and takes a broken one for missing', () => {
    const file = path.join(setup.cache, 'records', 'r.json');
    assert.equal(readRecord(file), undefined);
    writeRecord(file, { a: 1 });
    assert.deepEqual(readRecord(file), { a: 1 });
    writeFileSync(file, '{"a":');
    assert.equal(readRecord(file), undefined);
    assert.equal(contentKey({ a: 1 }), contentKey({ a: 1 }));
    assert.notEqual(contentKey({ a: 1 }), contentKey({ a: 2 }));
  });

  it('puts packages together under /usr and points absolute links into the root', () => {
    const store = path.join(setup.cache, 'package');
    for (const folder of ['lib/x', 'usr/bin', 'etc/alternatives', 'usr/share/man/man1'])
      mkdirSync(path.join(store, folder), { recursive: true });
    writeFileSync(path.join(store, 'lib/x/lib.so'), 'library');
    writeFileSync(path.join(store, 'usr/share/man/man1/x.1'), 'manual');
    const link = (target: string, name: string): void => {
      rmSync(path.join(store, name), { force: true });
      symlinkSync(target, path.join(store, name));
    };
    link('/usr/lib/x/lib.so', 'etc/alternatives/lib');
    link('/nowhere/to/be/found', 'usr/bin/dangling');
    const temporary = path.join(setup.cache, 'root');
    mkdirSync(temporary);
    linkPackage(store, temporary);
    relocateLinks({ temporary, final: temporary });
    assert.equal(readFileSync(path.join(temporary, 'usr/lib/x/lib.so'), 'utf8'), 'library');
    assert.equal(readFileSync(path.join(temporary, 'etc/alternatives/lib'), 'utf8'), 'library');
    assert.equal(existsSync(path.join(temporary, 'usr/share/man')), false);
    assert.equal(existsSync(path.join(temporary, 'usr/bin/dangling')), false);
  });

  it('names the cause and the log when a command fails', async () => {
    const log = path.join(setup.cache, 'logs', 'x.log');
    await assert.rejects(
      mustRun('do it', 'sh', ['-c', 'echo "tar: No space left on device" >&2; exit 2'], { log }),
      /Could not do it: the disk is full.*x\.log/,
    );
    await assert.rejects(
      mustRun('do it', 'sh', ['-c', 'exit 3'], { log }),
      /^SetupError: Could not do it \(details/,
    );
    await assert.rejects(mustRun('do it', 'no-such-program', [], { log }), /'no-such-program' was not found/);
    assert.match(readFileSync(log, 'utf8'), /No space left/);
  });
});

describe('names of packages', () => {
  it('are read from what apt prints', () => {
    const line = "'http://m/pool/z_1.3%2bx_amd64.deb' zlib1g_1%3a1.3+x-3_s390x.deb 87976 SHA256:ab";
    assert.deepEqual(parsePrintedUri(line), [
      {
        name: 'zlib1g',
        version: '1:1.3+x-3',
        architecture: 's390x',
        file: 'zlib1g_1%3a1.3+x-3_s390x.deb',
        size: 87976,
      },
    ]);
    assert.deepEqual(parsePrintedUri('Reading package lists...'), []);
  });

  it('are ordered by their numbers', () => {
    assert.equal(newest(['linux-image-7.9.1-s390x', 'linux-image-7.10.0-s390x']), 'linux-image-7.10.0-s390x');
    assert.equal(newest(['linux-source-7.2', 'linux-source-7.2.1']), 'linux-source-7.2.1');
    assert.equal(newest([]), undefined);
  });
});
