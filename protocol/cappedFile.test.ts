import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { readCapped, readNamed } from './cappedFile';

describe('the capped reader', () => {
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  const kind = (file: string, cap = 1000): string => {
    const { bytes, unread } = readCapped(file, cap);
    if (bytes) return `${bytes.length} bytes`;
    return unread.kind === 'system' ? unread.code : unread.kind;
  };
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'ism-capped-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('reads a file up to its cap and no byte more', () => {
    for (const [size, cap] of [
      [0, 0],
      [0, 10],
      [999, 1000],
      [1000, 1000],
      [70_000, 200_000],
    ] as const) {
      writeFileSync(at('file'), Buffer.alloc(size, 7));
      assert.deepEqual(readCapped(at('file'), cap).bytes, Buffer.alloc(size, 7));
    }
    writeFileSync(at('file'), Buffer.alloc(1001));
    assert.equal(kind(at('file')), 'too-large');
  });

  it('takes regular files only, and never waits', async () => {
    mkdirSync(at('folder'));
    spawnSync('mkfifo', [at('pipe')]);
    symlinkSync('loop', at('loop'));
    symlinkSync('nowhere', at('dangling'));
    symlinkSync('/dev/zero', at('zero'));
    const server = createServer().listen(at('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    assert.deepEqual(
      ['folder', 'pipe', 'loop', 'dangling', 'zero', 'socket', 'none'].map((name) => kind(at(name))),
      ['folder', 'not-regular', 'ELOOP', 'ENOENT', 'not-regular', 'not-regular', 'ENOENT'],
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it('stops at the cap of a file that claims to be empty and goes on for ever', function () {
    if (process.platform !== 'linux') return this.skip();
    assert.equal(kind('/proc/self/pagemap', 100_000), 'too-large');
    assert.match(kind('/proc/self/status', 100_000), /^\d+ bytes$/);
  });

  it('reads a pipe that a user names, and ends where nobody writes', () => {
    spawnSync('mkfifo', [at('named')]);
    assert.equal(readNamed(at('named'), 10).bytes?.length, 0);
    assert.equal(readNamed('/dev/zero', 10).unread?.kind, 'not-regular');
  });
});
