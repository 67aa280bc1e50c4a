/**
 * Passwords and keyboard-interactive, with ssh2's server: a real sshd checks them against the machine's accounts, whose
 * passwords no test may know. And hosts that do not wait for each other.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Server, type AuthContext } from 'ssh2';
import { targetOf, type Prompts } from '../../../client/ssh/prompts';
import { connectRoute } from '../../../client/ssh/route';
import { TrustStore } from '../../../client/ssh/trustStore';
import { memento } from '../../support/person';
import { readablePair } from '../../support/openSsh';

describe('answers to a server', () => {
  let folder: string;
  const closers: (() => void)[] = [];
  before(() => (folder = mkdtempSync(path.join(tmpdir(), 'ism-answers-'))));
  afterEach(() => closers.splice(0).forEach((close) => close()));
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function server(authenticate: (auth: AuthContext) => void): Promise<number> {
    const tries = new Server({ hostKeys: [readablePair().private] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', authenticate);
    });
    await new Promise<void>((resolve) => tries.listen(0, '127.0.0.1', resolve));
    closers.push(() => tries.close());
    return (tries.address() as net.AddressInfo).port;
  }

  function config(port: number): string {
    const file = path.join(folder, `config-${port}`);
    const lines = [
      'Host h',
      'HostName 127.0.0.1',
      `Port ${port}`,
      'User u',
      'UserKnownHostsFile none',
      'GlobalKnownHostsFile none',
      'IdentityFile none',
      'IdentityAgent none',
      'ConnectTimeout 5',
    ];
    writeFileSync(file, lines.join('\n  ') + '\n');
    return file;
  }

  function person(...answers: (string | undefined)[]): Prompts & { asked: string[] } {
    const asked: string[] = [];
    return {
      asked,
      acceptHostKey: () => Promise.resolve(true),
      passphrase: () => Promise.resolve(undefined),
      uploadHelper: () => Promise.resolve(false),
      secret: ({ prompt, place, echo, attempt }) => {
        asked.push(`${prompt.toString()}|${targetOf(place)}|${echo ? 'shown' : 'hidden'}|${attempt}`);
        return Promise.resolve(answers[asked.length - 1]);
      },
    };
  }

  const connect = async (port: number, prompts: Prompts): Promise<void> => {
    const trust = new TrustStore(memento());
    const connection = await connectRoute(
      { host: 'h' },
      { sshConfigFile: config(port), prompts, trust, report: () => undefined },
    );
    connection.end();
  };

  const byPassword = (right: string) => (auth: AuthContext) =>
    auth.method === 'password' && auth.password === right ? auth.accept() : auth.reject(['password']);

  it('are passwords, asked by host and user, again when they were wrong', async () => {
    const port = await server(byPassword('secret'));
    const typing = person('wrong', 'secret');
    await connect(port, typing);
    assert.deepEqual(typing.asked, ['Password|u@127.0.0.1|hidden|1', 'Password|u@127.0.0.1|hidden|2']);
  });

  it('end after three wrong passwords, and at once when the person gives up', async () => {
    const port = await server(byPassword('secret'));
    const stubborn = person('a', 'b', 'c', 'd');
    await assert.rejects(connect(port, stubborn), /did not accept any key or password for user 'u'/);
    assert.equal(stubborn.asked.length, 3);
    const leaving = person(undefined);
    await assert.rejects(connect(port, leaving), /did not accept any key or password/);
    assert.equal(leaving.asked.length, 1);
  });

  it('are several prompts of keyboard-interactive, shown or hidden as the server says', async () => {
    const port = await server((auth) => {
      if (auth.method !== 'keyboard-interactive') {
        auth.reject(['keyboard-interactive']);
        return;
      }
      const prompts = [
        { prompt: 'Password: ', echo: false },
        { prompt: 'Code from your token: ', echo: true },
      ];
      auth.prompt(prompts, (answers) =>
        answers.join() === 'secret,123456' ? auth.accept() : auth.reject(['keyboard-interactive']),
      );
    });
    const typing = person('secret', '000000', 'secret', '123456');
    await connect(port, typing);
    assert.deepEqual(typing.asked, [
      'Password: |u@127.0.0.1|hidden|1',
      'Code from your token: |u@127.0.0.1|shown|1',
      'Password: |u@127.0.0.1|hidden|2',
      'Code from your token: |u@127.0.0.1|shown|2',
    ]);
  });

  it('do not wait for a host that hangs', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(() => silent.close());
    const order: string[] = [];
    const hung = connect((silent.address() as net.AddressInfo).port, person()).catch(() =>
      order.push('hung'),
    );
    const good = connect(await server(byPassword('secret')), person('secret')).then(() => order.push('good'));
    await Promise.all([hung, good]);
    assert.deepEqual(order, ['good', 'hung']);
  });
});
