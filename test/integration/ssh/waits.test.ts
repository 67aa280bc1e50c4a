/** Waits that a real sshd causes: shells that hang, few sessions, and key exchanges while both sides send. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { Host } from '../../../client/hosts/host';
import { openSession } from '../../../client/helper/remote';
import { connectRoute } from '../../../client/ssh/route';
import type { SshConnection } from '../../../client/ssh/sshConnection';
import { TrustStore } from '../../../client/ssh/trustStore';
import { answering, memento, noMemory } from '../../support/person';
import { makeKey, startSshd, type KeyPair, type SshServer } from '../../support/openSsh';

describe('waits on a connection', () => {
  let folder: string;
  let login: KeyPair;
  const stops: (() => Promise<void> | void)[] = [];
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-waits-'));
    login = makeKey(folder, 'login');
    writeFileSync(path.join(folder, 'helper'), 'not a program');
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function server(...lines: string[]): Promise<{ config: string; server: SshServer }> {
    const started = await startSshd(folder, [login], ['ed25519'], lines);
    stops.push(() => started.stop());
    const known = path.join(folder, `known-${started.port}`);
    writeFileSync(known, `[127.0.0.1]:${started.port} ${started.hostKeys[0]?.line}\n`);
    const config = path.join(folder, `config-${started.port}`);
    const text = [
      'Host h',
      ...['HostName 127.0.0.1', `Port ${started.port}`, `User ${userInfo().username}`],
      ...[`IdentityFile ${login.file}`, 'IdentitiesOnly yes', `UserKnownHostsFile ${known}`],
      ...['StrictHostKeyChecking yes', 'ServerAliveInterval 1'],
    ];
    writeFileSync(config, text.join('\n  ') + '\n');
    return { config, server: started };
  }

  async function connect(config: string): Promise<SshConnection> {
    const options = { prompts: answering(), trust: new TrustStore(noMemory), report: () => undefined };
    const connection = await connectRoute({ host: 'h' }, { sshConfigFile: config, ...options });
    stops.push(() => connection.end());
    return connection;
  }

  it('end with Disconnect while a start file of the shell hangs', async () => {
    const shell = path.join(folder, 'hangs');
    const started = path.join(folder, 'started');
    writeFileSync(shell, `#!/bin/sh\ntouch ${started}\nexec sleep 600\n`);
    chmodSync(shell, 0o755);
    const { config } = await server(`ForceCommand ${shell}`);
    const open = (signal: AbortSignal) =>
      openSession({
        ...{ destination: 'h', sshConfigFile: config, helperFile: path.join(folder, 'helper') },
        ...{ prompts: answering(), trust: memento(), report: () => undefined, signal },
      });
    const host = new Host({ name: 'h', destination: 'h' }, open);
    const connecting = host.connect();
    const { existsSync } = await import('node:fs');
    while (!existsSync(started)) await new Promise((resolve) => setTimeout(resolve, 20));
    host.disconnect();
    await assert.rejects(connecting, /was cancelled/);
    assert.equal(host.state.kind, 'disconnected');
  });

  it('for a channel are short where the server allows one session at a time', async () => {
    const { config } = await server('MaxSessions 1');
    const connection = await connect(config);
    for (let round = 0; round < 10; round++) {
      assert.equal((await connection.run(`echo ${round}`)).stdout.toString(), `${round}\uFFFD`);
      const sent = await connection.run(`cat > ${path.join(folder, 'uploaded')}`, Buffer.alloc(100_000));
      assert.equal(sent.code, 0);
    }
    // One that stays open leaves none for others, and the sentence says so.
    const held = await connection.exec('exec cat', (channel) => channel);
    await assert.rejects(connection.run('true'), /allows no further session .* raise MaxSessions/);
    held.close();
    assert.equal((await connection.run('true')).code, 0);
  });

  it('survive key exchanges while the server asks whether we live and while we send', async () => {
    const { config } = await server('RekeyLimit 64K 2', 'ClientAliveInterval 1', 'ClientAliveCountMax 2');
    const connection = await connect(config);
    let lost: string | undefined;
    void connection.closed.then((reason) => (lost = reason));
    const channel = await connection.exec('exec cat', (opened) => opened);
    let echoed = 0;
    channel.on('data', (data: Buffer) => (echoed += data.length));
    // Two megabytes in small pieces: some thirty key exchanges by size, and those by time beside them.
    let sent = 0;
    while (sent < 2_000_000 && lost === undefined) {
      channel.write(Buffer.alloc(4096));
      sent += 4096;
      while (sent - echoed > 65_536 && lost === undefined)
        await new Promise((resolve) => setTimeout(resolve, 2));
    }
    while (echoed < sent && lost === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(lost, undefined);
    assert.equal(echoed, sent);
  });
});
