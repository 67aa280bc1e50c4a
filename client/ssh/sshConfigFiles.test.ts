import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { computeOptions, configuredHosts } from './sshConfigFiles';

describe('ssh_config without ssh', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'ism-config-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, ...lines: string[]): string => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, lines.join('\n') + '\n');
    return file;
  };

  it('gives what applies to a host, the first value first', async () => {
    const file = write(
      'config',
      'Host z1',
      '  HostName lpar1.example.com',
      '  User dev',
      '  IdentityFile ~/a',
      '  IdentityFile ~/b',
      'Host *',
      '  User other',
      '  Port 2222',
    );
    const options = await computeOptions('z1', file);
    assert.deepEqual(options.get('hostname'), ['lpar1.example.com']);
    assert.deepEqual(options.get('user'), ['dev']);
    assert.deepEqual(options.get('port'), ['2222']);
    assert.deepEqual(options.get('identityfile'), ['~/a', '~/b']);
  });

  it('follows Include with wildcards, also in included files', async () => {
    write('conf.d/10-a.conf', 'Host a', '  User ua', `Include ${path.join(folder, 'deep.conf')}`);
    write('conf.d/20-b.conf', 'Host b', '  User ub');
    write('deep.conf', 'Host c', '  User uc');
    const file = write(
      'config',
      `Include ${path.join(folder, 'conf.d', '*.conf')} ${path.join(folder, 'missing')}`,
    );
    for (const name of ['a', 'b', 'c'])
      assert.deepEqual((await computeOptions(name, file)).get('user'), [`u${name}`]);
    assert.deepEqual(await configuredHosts(file), ['a', 'c', 'b']);
  });

  it('ends with a sentence when files include each other', async () => {
    const file = path.join(folder, 'config');
    write('config', `Include ${file}`);
    await assert.rejects(computeOptions('x', file), /includes itself; correct the file/);
  });

  it('never runs Match exec', async () => {
    const proof = path.join(folder, 'it-ran');
    const file = write(
      'config',
      `Match host z1 exec "touch ${proof}"`,
      '  User evil',
      'Host z1',
      '  User good',
    );
    assert.deepEqual((await computeOptions('z1', file)).get('user'), ['good']);
    assert.ok(!existsSync(proof));
  });

  it('offers the hosts that are named, not the patterns', async () => {
    const file = write('config', 'Host one two *.example.com !three', 'Host *', 'Host one', 'host four');
    assert.deepEqual(await configuredHosts(file), ['one', 'two', 'four']);
  });

  it('counts a missing file as empty, unless it was asked for', async () => {
    assert.deepEqual(await configuredHosts(path.join(folder, 'none')), []);
    await assert.rejects(computeOptions('x', path.join(folder, 'none')), /cannot be read; check the file/);
  });
});
