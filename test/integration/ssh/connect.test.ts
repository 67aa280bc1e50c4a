/** Connecting real OpenSSH servers on 127.0.0.1: keys, passphrases, the agent, jump hosts, what goes wrong. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { connectRoute } from '../../../client/ssh/route';
import { targetOf, type LoginPlace, type Prompts, type SecretRequest } from '../../../client/ssh/prompts';
import { TrustStore } from '../../../client/ssh/trustStore';
import {
  makeKey,
  startAgent,
  startSshd,
  type KeyPair,
  type KeyType,
  type SshServer,
} from '../../support/openSsh';

const user = userInfo().username;

class Person implements Prompts {
  readonly asked: string[] = [];
  constructor(private readonly answers: readonly (string | undefined)[] = []) {}
  acceptHostKey(): Promise<boolean> {
    this.asked.push('host key');
    return Promise.resolve(false);
  }
  passphrase(keyFile: string, place: LoginPlace, attempt: number): Promise<string | undefined> {
    this.asked.push(`passphrase ${path.basename(keyFile)} ${targetOf(place)} ${attempt}`);
    return Promise.resolve(this.answers[this.asked.length - 1]);
  }
  secret({ prompt }: SecretRequest): Promise<string | undefined> {
    this.asked.push(`secret ${prompt.toString()}`);
    return Promise.resolve(undefined);
  }
  uploadHelper(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

describe('connecting OpenSSH', () => {
  let folder: string;
  let server: SshServer;
  const keys = {} as Record<KeyType | 'protected' | 'stranger', KeyPair>;
  const stops: (() => Promise<void> | void)[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-connect-'));
    for (const type of ['ed25519', 'ecdsa', 'rsa'] as const)
      keys[type] = makeKey(folder, `login_${type}`, type);
    keys.protected = makeKey(folder, 'login_protected', 'ed25519', 'open sesame');
    keys.stranger = makeKey(folder, 'stranger');
    server = await startSshd(folder, [keys.ed25519, keys.ecdsa, keys.rsa, keys.protected]);
    stops.push(() => server.stop());
  });
  after(async () => {
    for (const stop of stops) await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  let files = 0;
  /** An ssh_config with one block a host. */
  function config(...blocks: [alias: string, at: SshServer, lines: string[]][]): string {
    const known = path.join(folder, `known-${files}`);
    writeFileSync(known, blocks.map(([, at]) => `[127.0.0.1]:${at.port} ${at.hostKeys[0]?.line}\n`).join(''));
    const text = blocks.map(([alias, at, lines]) =>
      [
        `Host ${alias}`,
        'HostName 127.0.0.1',
        `Port ${at.port}`,
        `User ${user}`,
        `UserKnownHostsFile ${known}`,
        'GlobalKnownHostsFile none',
        'StrictHostKeyChecking yes',
        ...lines,
      ].join('\n  '),
    );
    const file = path.join(folder, `config-${files++}`);
    writeFileSync(file, text.join('\n') + '\n');
    return file;
  }

  function connect(
    alias: string,
    sshConfigFile: string,
    prompts: Prompts = new Person(),
    report: (line: string) => void = () => undefined,
  ) {
    const trust = new TrustStore({ get: (_key, fallback) => fallback, update: () => Promise.resolve() });
    return connectRoute({ host: alias }, { sshConfigFile, prompts, trust, report });
  }

  async function echoes(alias: string, file: string, prompts?: Prompts): Promise<void> {
    const connection = await connect(alias, file, prompts);
    assert.equal((await connection.run('echo hello')).stdout.lines(), 'hello\n');
    connection.end();
    await connection.closed;
  }

  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const)
    it(`logs in with a key of type ${type}`, () =>
      echoes('one', config(['one', server, [`IdentityFile ${keys[type].file}`, 'IdentitiesOnly yes']])));

  it('tries several keys in their order', () =>
    echoes(
      'one',
      config([
        'one',
        server,
        [`IdentityFile ${keys.stranger.file}`, `IdentityFile ${keys.rsa.file}`, 'IdentitiesOnly yes'],
      ]),
    ));

  it('asks for a passphrase, says when it was wrong, and three wrong ones are the end', async () => {
    const file = config(['one', server, [`IdentityFile ${keys.protected.file}`, 'IdentitiesOnly yes']]);
    const right = new Person(['wrong', 'open sesame']);
    await echoes('one', file, right);
    assert.deepEqual(right.asked, [
      `passphrase login_protected ${user}@127.0.0.1 1`,
      `passphrase login_protected ${user}@127.0.0.1 2`,
    ]);
    const wrong = new Person(['a', 'b', 'c', 'd']);
    await assert.rejects(connect('one', file, wrong), /did not accept any key or password for user/);
    assert.equal(wrong.asked.filter((what) => what.startsWith('passphrase')).length, 3);
  });

  it('uses the agent, and with IdentitiesOnly only those of its keys that are named', async () => {
    const agent = startAgent([keys.stranger, keys.ed25519]);
    stops.push(() => agent.stop());
    await echoes('one', config(['one', server, [`IdentityAgent ${agent.socket}`, 'IdentityFile none']]));
    // The file named is the public half: the private one is in the agent alone.
    const publicOnly = path.join(folder, 'public_only');
    writeFileSync(`${publicOnly}.pub`, `${keys.ed25519.line} named\n`);
    await echoes(
      'one',
      config([
        'one',
        server,
        [`IdentityAgent ${agent.socket}`, `IdentityFile ${publicOnly}`, 'IdentitiesOnly yes'],
      ]),
    );
    const stranger = config([
      'one',
      server,
      [`IdentityAgent ${agent.socket}`, `IdentityFile ${keys.stranger.file}`, 'IdentitiesOnly yes'],
    ]);
    await assert.rejects(connect('one', stranger), /did not accept any key/);
  });

  it('goes through two jump hosts, and each of the three is verified', async () => {
    const [first, second] = await Promise.all([
      startSshd(folder, [keys.ed25519]),
      startSshd(folder, [keys.rsa]),
    ]);
    stops.push(
      () => first.stop(),
      () => second.stop(),
    );
    const identity = (key: KeyPair): string[] => [`IdentityFile ${key.file}`, 'IdentitiesOnly yes'];
    const good = config(
      ['first', first, identity(keys.ed25519)],
      ['second', second, identity(keys.rsa)],
      ['target', server, [...identity(keys.ecdsa), 'ProxyJump first,second']],
      ['nested', server, [...identity(keys.ecdsa), 'ProxyJump outer']],
      ['outer', second, [...identity(keys.rsa), 'ProxyJump first']],
    );
    await echoes('target', good);
    await echoes('nested', good);

    const lines: string[] = [];
    const connection = await connect('target', good, new Person(), (line) => lines.push(line));
    connection.end();
    assert.deepEqual(
      lines
        .filter((line) => line.startsWith('connecting'))
        .map((line) => line.replace(/^.*port (\d+)/, '$1')),
      [
        `${first.port}`,
        `${second.port} through ${user}@127.0.0.1`,
        `${server.port} through ${user}@127.0.0.1`,
      ],
    );

    const impostor = { ...second, hostKeys: [keys.stranger] };
    const bad = config(
      ['first', first, identity(keys.ed25519)],
      ['second', impostor, identity(keys.rsa)],
      ['target', server, [...identity(keys.ecdsa), 'ProxyJump first,second']],
    );
    await assert.rejects(
      connect('target', bad),
      /^UserError: On the way to 127\.0\.0\.1: The host key of 127\.0\.0\.1 has changed/,
    );

    const circle = config(
      ['a', first, [...identity(keys.ed25519), 'ProxyJump b']],
      ['b', second, [...identity(keys.rsa), 'ProxyJump a']],
    );
    await assert.rejects(connect('a', circle), /more than 8 hosts, or in a circle/);
  });

  it('takes a lost jump host as a lost connection', async () => {
    const hop = await startSshd(folder, [keys.ed25519]);
    const identity = [`IdentityFile ${keys.ed25519.file}`, 'IdentitiesOnly yes'];
    const file = config(['hop', hop, identity], ['target', server, [...identity, 'ProxyJump hop']]);
    const connection = await connect('target', file);
    const channel = await connection.exec('sleep 60', (opened) => opened);
    await hop.stop();
    // sshd's listener is gone; the process that carries this connection ends with its own.
    channel.close();
    connection.end();
    await connection.closed;
    await assert.rejects(connect('target', file), /On the way to 127\.0\.0\.1: .*refuses connections/);
  });

  it('refuses a proxy command, which would be a program that nobody started', async () => {
    const file = config(['one', server, ['ProxyCommand nc %h %p']]);
    await assert.rejects(
      connect('one', file),
      /ProxyCommand, which this extension does not run; use ProxyJump/,
    );
  });

  it('says when no key is accepted, and never asks about a host it knows', async () => {
    const person = new Person();
    const file = config(['one', server, [`IdentityFile ${keys.stranger.file}`, 'IdentitiesOnly yes']]);
    await assert.rejects(connect('one', file, person), /did not accept any key or password for user/);
    assert.deepEqual(person.asked, []);
  });

  it('can be cancelled while it waits', async () => {
    const abort = new AbortController();
    const file = config(['one', server, [`IdentityFile ${keys.protected.file}`, 'IdentitiesOnly yes']]);
    const waiting = new Person();
    waiting.passphrase = () => new Promise(() => abort.abort());
    const trust = new TrustStore({ get: (_key, fallback) => fallback, update: () => Promise.resolve() });
    await assert.rejects(
      connectRoute(
        { host: 'one' },
        { sshConfigFile: file, prompts: waiting, trust, report: () => undefined, signal: abort.signal },
      ),
      /was cancelled/,
    );
  });
});
