/** What of an SSH configuration could forbid a host key: it is honoured, or the connection ends and says why. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { Prompts } from '../../../client/ssh/prompts';
import { connectRoute } from '../../../client/ssh/route';
import { TrustStore } from '../../../client/ssh/trustStore';
import { answering, memento } from '../../support/person';
import { makeKey, startSshd, type KeyPair, type SshServer } from '../../support/openSsh';

describe('host keys that a configuration forbids', () => {
  let folder: string;
  let login: KeyPair;
  let server: SshServer;
  let key: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-hostkeys-'));
    login = makeKey(folder, 'login');
    server = await startSshd(folder, [login]);
    key = server.hostKeys[0]?.line ?? '';
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  let count = 0;
  const file = (name: string, ...lines: string[]): string => {
    const place = path.join(folder, `${count++}`, name);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, lines.map((line) => `${line}\n`).join(''));
    return place;
  };
  const at = (): string => `[127.0.0.1]:${server.port}`;

  /** Connects with these lines. @returns 'in', 'in, asked' when a person accepted the key, or the sentence */
  async function connect(lines: readonly string[], trust = new TrustStore(memento())): Promise<string> {
    const config = file(
      'config',
      'Host h',
      ...['HostName 127.0.0.1', `Port ${server.port}`, `User ${userInfo().username}`],
      ...[`IdentityFile ${login.file}`, 'IdentitiesOnly yes', 'GlobalKnownHostsFile none', ...lines],
    );
    let asked = false;
    const prompts: Prompts = { ...answering(), acceptHostKey: () => Promise.resolve((asked = true)) };
    const route = { sshConfigFile: config, prompts, trust, report: () => undefined };
    return connectRoute({ host: 'h' }, route).then(
      (connection) => {
        connection.end();
        return asked ? 'in, asked' : 'in';
      },
      (error: Error) => error.message,
    );
  }

  const accepting = ['StrictHostKeyChecking accept-new'];

  it('in a known_hosts with a blank in its path are found', async () => {
    const known = file('my keys/known hosts', `@revoked * ${key}`);
    assert.match(await connect([`UserKnownHostsFile "${known}"`, ...accepting]), /marks as revoked/);
    const changed = file('my keys/known', `${at()} ${login.line}`);
    assert.match(await connect([`UserKnownHostsFile "${changed}"`, ...accepting]), /has changed/);
    const good = file('my keys/known', `${at()} ${key}`);
    const other = file('plain', '');
    assert.equal(await connect([`UserKnownHostsFile "${good}" ${other}`, 'StrictHostKeyChecking yes']), 'in');
    assert.match(await connect([`UserKnownHostsFile ${other} "${known}"`, ...accepting]), /marks as revoked/);
  });

  it('end the connection where a line of files can be read in two ways', async () => {
    const place = path.join(folder, 'two');
    mkdirSync(path.join(place, 'a ', place), { recursive: true });
    writeFileSync(path.join(place, 'a'), `${at()} ${key}\n`, { flag: 'w' });
    writeFileSync(path.join(place, 'b'), '');
    writeFileSync(path.join(place, 'a ', place, 'b'), `@revoked * ${key}\n`);
    const said = await connect([`UserKnownHostsFile "${path.join(place, 'a ', place, 'b')}"`, ...accepting]);
    // Where there is no ssh the quotes are seen, and with them the right file.
    assert.match(said, /can be read in more than one way|marks as revoked/);
    const relative = await connect(['UserKnownHostsFile "my keys/known"', ...accepting]);
    assert.match(relative, /can be read in more than one way .*absolute names/);
  });

  it('of RevokedHostKeys are refused, and a list that cannot be read ends the connection', async () => {
    const known = file('known', `${at()} ${key}`);
    const base = [`UserKnownHostsFile ${known}`];
    const listed = file('my revoked keys', '# leaked in May', login.line, `${key} host`);
    assert.match(
      await connect([...base, `RevokedHostKeys "${listed}"`]),
      /\(RevokedHostKeys\) marks as revoked/,
    );
    assert.equal(await connect([...base, `RevokedHostKeys ${file('others', login.line)}`]), 'in');
    assert.equal(await connect([...base, 'RevokedHostKeys none']), 'in');
    const missing = path.join(folder, 'missing');
    assert.match(
      await connect([...base, `RevokedHostKeys ${missing}`]),
      /names .*missing, which cannot be read/,
    );
    const krl = file('krl', 'SSHKRL\n\0rest');
    assert.match(await connect([...base, `RevokedHostKeys ${krl}`]), /a binary revocation list/);
    assert.match(
      await connect([...base, `RevokedHostKeys ${file('junk', 'no key')}`]),
      /line 1, is not a valid/,
    );
  });

  it('of a KnownHostsCommand cannot be known, so there is no connection', async () => {
    const known = file('known', `${at()} ${key}`);
    const base = [`UserKnownHostsFile ${known}`];
    assert.match(
      await connect([...base, 'KnownHostsCommand /bin/echo nothing']),
      /KnownHostsCommand .* which this extension does not run/,
    );
    assert.equal(await connect([...base, 'KnownHostsCommand none']), 'in');
  });

  it('of a certificate authority are not taken for new ones', async () => {
    const trust = new TrustStore(memento());
    await trust.accept(at(), Buffer.from(key.split(' ')[1] ?? '', 'base64'));
    const authority = file('known', `@cert-authority ${at()} ${login.line}`);
    for (const strictness of ['ask', 'accept-new'])
      assert.match(
        await connect([`UserKnownHostsFile ${authority}`, `StrictHostKeyChecking ${strictness}`], trust),
        /vouches for 127\.0\.0\.1 by certificates, .*ssh-ed25519 SHA256:/,
      );
    const both = file('known', `@cert-authority ${at()} ${login.line}`, `${at()} ${key}`);
    assert.equal(await connect([`UserKnownHostsFile ${both}`]), 'in');
    const elsewhere = file('known', `@cert-authority *.example.com ${login.line}`);
    assert.equal(await connect([`UserKnownHostsFile ${elsewhere}`]), 'in, asked');
  });

  it('that a person accepted count until known_hosts has a key, and can be taken back', async () => {
    const trust = new TrustStore(memento());
    const known = file('known');
    const base = [`UserKnownHostsFile ${known}`, 'StrictHostKeyChecking ask'];
    assert.equal(await connect(base, trust), 'in, asked');
    assert.equal(await connect(base, trust), 'in');
    // The host got a new key, which known_hosts has: the old one is not good any more.
    writeFileSync(known, `${at()} ${login.line}\n`);
    assert.match(
      await connect(base, trust),
      /has changed: .*known, line 1, has .*remove that line and connect again/,
    );
    writeFileSync(known, '');
    const [accepted, ...others] = trust.list();
    assert.ok(accepted);
    assert.deepEqual(others, []);
    assert.deepEqual([accepted.name, accepted.keyType], [at(), 'ssh-ed25519']);
    await trust.remove([accepted]);
    assert.equal(await connect(base, trust), 'in, asked');
    // What was accepted for another key says how it is taken back.
    const stale = new TrustStore(memento());
    await stale.accept(at(), Buffer.from(login.line.split(' ')[1] ?? '', 'base64'));
    assert.match(
      await connect(base, stale),
      /the key that you accepted for \[127.*remove the old key with the command "ISM: Accepted Host Keys"/,
    );
  });
});
