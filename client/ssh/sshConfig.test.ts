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

  it('a blank in the path of a file is part of it, in quotes alone', async () => {
    process.env['PATH'] = '';
    const files = {
      'UserKnownHostsFile "/my keys/a" /b': ['/my keys/a', '/b'],
      'UserKnownHostsFile "/my keys/a"': ['/my keys/a'],
      'UserKnownHostsFile /a /b "/c d"': ['/a', '/b', '/c d'],
    };
    for (const [line, expected] of Object.entries(files)) {
      writeFileSync(
        path.join(folder, 'config'),
        `Host z1\n  ${line}\n  RevokedHostKeys "/my keys/revoked"\n  IdentityFile "/my keys/id"\n`,
      );
      const found = await resolveHost({ host: 'z1' }, path.join(folder, 'config'));
      assert.deepEqual(found.knownHostsFiles.slice(0, expected.length), expected, line);
      assert.deepEqual(found.revokedHostKeysFiles, ['/my keys/revoked']);
      assert.deepEqual(found.identityFiles, ['/my keys/id']);
    }
  });

  it('a relative name of a file of keys is refused', async () => {
    process.env['PATH'] = '';
    writeFileSync(path.join(folder, 'config'), 'Host z1\n  UserKnownHostsFile "my keys/known"\n');
    await assert.rejects(resolveHost({ host: 'z1' }, path.join(folder, 'config')), /absolute names/);
  });

  it('a file in PATH does not stop the connection', async () => {
    process.env['PATH'] = path.join(folder, 'config');
    const { hostName } = await resolveHost({ host: 'z1' }, path.join(folder, 'config'));
    assert.equal(hostName, 'lpar1.example.com');
  });
});
