import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveHost } from './sshConfig';

describe('ssh_config on a machine without ssh', () => {
  const { PATH } = process.env;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-no-ssh-'));
    chmodSync(folder, 0o755);
    writeFileSync(path.join(folder, 'config'), 'Host z1\n  HostName lpar1.example.com\n');
    mkdirSync(path.join(folder, 'locked'), { mode: 0o000 });
  });
  afterEach(() => {
    process.env['PATH'] = PATH;
    rmSync(folder, { recursive: true, force: true });
  });

  it('a folder in PATH that the user may not enter does not stop the connection', async () => {
    process.env['PATH'] = path.join(folder, 'locked');
    // root may enter every folder.
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      const { hostName } = await resolveHost({ host: 'z1' }, path.join(folder, 'config'));
      assert.equal(hostName, 'lpar1.example.com');
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  it('a file in PATH does not stop the connection', async () => {
    process.env['PATH'] = path.join(folder, 'config');
    const { hostName } = await resolveHost({ host: 'z1' }, path.join(folder, 'config'));
    assert.equal(hostName, 'lpar1.example.com');
  });
});
