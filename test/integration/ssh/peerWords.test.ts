/** Words of a peer before and after its key is known: text for people, and nothing that waits for a peer that never closes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Server } from 'ssh2';
import { openSession } from '../../../client/helper/remote';
import { answering, memento } from '../../support/person';
import { startLiar, type LiarServer } from '../../support/liarServer';
import { readablePair } from '../../support/openSsh';

const WORDS =
  '[Show how](command:evil?%5B%5D) $(pass) \u001b[2J\u001b]0;owned\u0007\u202e 12 of 12 tests passed';

describe('words of a peer', () => {
  let folder: string;
  const closers: (() => void)[] = [];
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-words-'));
    writeFileSync(path.join(folder, 'helper'), 'not a program');
    writeFileSync(path.join(folder, 'x.ism'), 'device 0051:00:00.0\nstore bar0 0 hex 00\n');
  });
  afterEach(() => closers.splice(0).forEach((close) => close()));
  after(() => rmSync(folder, { recursive: true, force: true }));

  function config(port: number): string {
    const file = path.join(folder, `config-${port}`);
    const nothing =
      'UserKnownHostsFile none\n GlobalKnownHostsFile none\n IdentityFile none\n IdentityAgent none';
    writeFileSync(
      file,
      `Host h\n HostName 127.0.0.1\n Port ${port}\n User u\n ${nothing}\n ConnectTimeout 5\n`,
    );
    return file;
  }
  async function liar(words: string, closes = true): Promise<LiarServer> {
    const server = await startLiar(words, closes);
    closers.push(() => server.close());
    return server;
  }

  async function failure(port: number, lines: string[] = []): Promise<string> {
    const options = {
      ...{ destination: 'h', sshConfigFile: config(port), helperFile: path.join(folder, 'helper') },
      ...{ prompts: answering(), trust: memento(), report: (line: string) => void lines.push(line) },
    };
    return openSession(options).then(
      () => assert.fail('it connected'),
      (error: Error) => error.message,
    );
  }

  function assertPlain(text: string): void {
    assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
    assert.doesNotMatch(text, /\]\(|\$\(/);
  }

  it('that disconnects are text in the sentence', async () => {
    const sentence = await failure((await liar(WORDS)).port);
    assertPlain(sentence);
    assert.match(sentence, /could not be connected: \[Show how\] \(command:evil/);
  });

  it('that disconnects with 100 KB end in one short sentence', async () => {
    const sentence = await failure((await liar(`${WORDS} `.repeat(1000).slice(0, 30_000))).port);
    assertPlain(sentence);
    assert.ok(sentence.length < 700, `${sentence.length}`);
  });

  it('in a banner are in the log, as text', async () => {
    const server = new Server({ hostKeys: [readablePair().private], banner: WORDS }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (auth) => auth.reject(['hostbased']));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close());
    const lines: string[] = [];
    const file = config((server.address() as { port: number }).port);
    const options = {
      ...{ destination: 'h', sshConfigFile: file, helperFile: path.join(folder, 'helper') },
      ...{ prompts: { ...answering(), acceptHostKey: () => Promise.resolve(true) }, trust: memento() },
      report: (line: string) => void lines.push(line),
    };
    await assert.rejects(openSession(options), /did not accept any key or password/);
    const banner = lines.find((line) => line.includes('says:'));
    assert.match(banner ?? '', /12 of 12 tests passed/);
    assertPlain(banner?.trimEnd() ?? '');
  });

  function ismRun(port: number): { pid: number; ended: Promise<{ code: number | null; text: string }> } {
    const program = path.resolve('dist/client/ism-run.js');
    const helper = path.join(folder, 'helper');
    const args = [
      path.join(folder, 'x.ism'),
      '--host',
      'h',
      '--ssh-config',
      config(port),
      '--helper',
      helper,
    ];
    const child = spawn(process.execPath, [program, ...args, '--verbose'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (text += data.toString()));
    const ended = new Promise<{ code: number | null; text: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, text })),
    );
    return { pid: child.pid ?? 0, ended };
  }

  it('give a terminal no escape sequence, and a peer that never closes does not keep ism-run', async () => {
    const server = await liar(WORDS, false);
    const { ended } = ismRun(server.port);
    const { code, text } = await ended;
    assert.equal(code, 3);
    assert.doesNotMatch(text, /[^\P{Cc}\n]|\p{Cf}/u);
    assert.match(text, /could not be connected/);
  });

  it('that never come do not keep ism-run from ending when it is asked to', async () => {
    const server = await liar('', false);
    server.close();
    const { createServer } = await import('node:net');
    let came: () => void = () => undefined;
    const connected = new Promise<void>((resolve) => (came = resolve));
    const silent = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined).resume();
      came();
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(() => silent.close());
    const { pid, ended } = ismRun((silent.address() as { port: number }).port);
    await connected;
    process.kill(pid, 'SIGTERM');
    assert.equal((await ended).code, 130);
  });
});
