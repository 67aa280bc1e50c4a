/** A server that lies, which no real one does: whatever it says, one sentence comes out and memory stays bounded. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import net from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Server, type ServerChannel } from 'ssh2';
import { Host } from '../../../client/hosts/host';
import type { Prompts } from '../../../client/ssh/prompts';
import { openSession } from '../../../client/helper/remote';
import { HELPER_PROTOCOL_VERSION, READY_EVENT } from '../../../protocol/helper';
import { memento } from '../../support/person';
import { readablePair } from '../../support/openSsh';

const HELLO = {
  protocol: HELPER_PROTOCOL_VERSION,
  build: 'b',
  kernel: '7.2',
  machine: 's390x',
  uid: 0,
  vfio: { cdev: false, group: true },
};

/** How the fake host answers the helper's requests; the probe before is always answered truly. */
type Helper = (channel: ServerChannel, request: { id: number; op: string }) => void;

const reply = (channel: ServerChannel, id: number, result: unknown): void =>
  void channel.write(JSON.stringify({ id, result }) + '\n');

const honest: Helper = (channel, { id, op }) =>
  reply(channel, id, op === 'hello' ? HELLO : op === 'watch' ? { watching: true } : { functions: [] });

describe('a hostile server', () => {
  let folder: string;
  const closers: (() => void)[] = [];
  const helperFile = (): string => path.join(folder, 'helper');
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-hostile-'));
    writeFileSync(helperFile(), 'not a program');
  });
  afterEach(() => closers.splice(0).forEach((close) => close()));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const sum = createHash('sha256').update('not a program').digest('hex');

  interface Fake {
    readonly port: number;
    hostKey: string;
    helper: Helper;
    /** Everything that the client sent to the helper. */
    readonly requests: string[];
  }

  async function fakeHost(helper: Helper): Promise<Fake> {
    const fake = {
      port: 0,
      hostKey: readablePair().private,
      helper,
      requests: [] as string[],
    };
    const make = (): Server =>
      new Server({ hostKeys: [fake.hostKey] }, (client) => {
        client.on('error', () => undefined);
        client.on('authentication', (auth) => auth.accept());
        client.on('session', (accept) => {
          const session = accept();
          session.on('exec', (acceptExec, _reject, { command }) => run(acceptExec(), command));
          session.on('sftp', (_accept, reject) => reject());
        });
      });
    const run = (channel: ServerChannel, command: string): void => {
      channel.on('error', () => undefined);
      if (!command.includes('--announce')) {
        const lines = ['ism-probe-begin', 'machine s390x', 'uid 0', `user ${sum}`, 'ism-probe-end', sum];
        channel.write(lines.join('\n') + '\n');
        channel.exit(0);
        channel.end();
        return;
      }
      channel.write(`{"event":"${READY_EVENT}"}\n`);
      let text = '';
      channel.on('data', (data: Buffer) => {
        text += data.toString('utf8');
        for (let end; (end = text.indexOf('\n')) >= 0; text = text.slice(end + 1)) {
          fake.requests.push(text.slice(0, end));
          fake.helper(channel, JSON.parse(text.slice(0, end)) as { id: number; op: string });
        }
      });
    };
    // A server of ssh2 has its key for good; one a connection lets the key change.
    const listener = net.createServer((socket) => make().injectSocket(socket));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    closers.push(() => listener.close());
    return Object.assign(fake, { port: (listener.address() as net.AddressInfo).port });
  }

  const yes: Prompts = {
    acceptHostKey: () => Promise.resolve(true),
    passphrase: () => Promise.resolve(undefined),
    secret: () => Promise.resolve(undefined),
    uploadHelper: () => Promise.resolve(true),
  };

  function hostAt(port: number, prompts = yes, trust = memento()): Host {
    const config = path.join(folder, `config-${port}`);
    writeFileSync(
      config,
      `Host h\n HostName 127.0.0.1\n Port ${port}\n User u\n UserKnownHostsFile none\n GlobalKnownHostsFile none\n IdentityFile none\n ConnectTimeout 5\n`,
    );
    const open = (signal: AbortSignal) =>
      openSession({
        destination: 'h',
        sshConfigFile: config,
        helperFile: helperFile(),
        prompts,
        trust,
        report: () => undefined,
        signal,
      });
    const host = new Host({ name: 'h', destination: 'h' }, open);
    closers.push(() => host.dispose());
    return host;
  }

  /** One sentence: no line breaks, no control characters, no stack. */
  function assertSentence(error: unknown): true {
    assert.ok(error instanceof Error);
    assert.match(error.message, /^[^\p{Cc}]{10,600}$/u);
    assert.doesNotMatch(error.message, /\bat \S+ \(/);
    return true;
  }

  it('is usable while it is honest', async () => {
    const host = hostAt((await fakeHost(honest)).port);
    await host.connect();
    assert.equal(host.state.kind, 'connected');
  });

  it('with another key after a lost link gets nothing', async () => {
    const fake = await fakeHost(honest);
    const trust = memento();
    await hostAt(fake.port, yes, trust).connect();
    fake.hostKey = readablePair().private;
    const before = fake.requests.length;
    await assert.rejects(hostAt(fake.port, yes, trust).connect(), /has changed: .*SHA256:.*SHA256:/);
    assert.equal(fake.requests.length, before);
  });

  const liars: [string, Helper][] = [
    [
      'an answer of another form',
      (c, { id, op }) =>
        op === 'hello' ? reply(c, id, HELLO) : reply(c, id, { functions: [{ address: '../../etc' }] }),
    ],
    ['a number for a result', (c, { id }) => reply(c, id, 7)],
    ['text that is not JSON', (c) => void c.write('hello there\n')],
    ['escape sequences', (c) => void c.write('\u001b]0;owned\u0007\u001b[2J\u202e\n')],
    [
      'a failure with escape sequences and line breaks',
      (c, { id }) =>
        void c.write(
          JSON.stringify({ id, error: { code: 'E\u001b[31m', message: 'line\nbreak\u001b[2J' } }) + '\n',
        ),
    ],
    [
      'a failure of a megabyte',
      (c, { id }) =>
        void c.write(JSON.stringify({ id, error: { code: 'E', message: 'x'.repeat(1_000_000) } }) + '\n'),
    ],
    ['another protocol', (c, { id }) => reply(c, id, { ...HELLO, protocol: 99 })],
    ['half an answer and an end', (c, { id }) => (c.write(`{"id":${id},"res`), c.end())],
    ['an end', (c) => c.end()],
  ];
  for (const [name, helper] of liars)
    it(`that sends ${name} ends in one sentence`, async () => {
      const host = hostAt((await fakeHost(helper)).port);
      await assert.rejects(host.connect(), assertSentence);
      assert.equal(host.state.kind, 'failed');
    });

  it('that answers what was never asked is not believed', async () => {
    const host = hostAt(
      (
        await fakeHost((channel, request) => {
          reply(channel, 4711, { functions: 'what' });
          channel.write('{"id":null,"error":{"code":"E","message":"m"}}\n{"event":"surprise"}\n');
          honest(channel, request);
        })
      ).port,
    );
    await host.connect();
    assert.deepEqual(host.functions, []);
  });

  it('that sends 100 MB without a newline is cut off, in bounded memory', async () => {
    let sent = 0;
    const flood: Helper = (channel, request) => {
      if (request.op === 'hello') return honest(channel, request);
      const chunk = Buffer.alloc(65536, 'x');
      const more = (): void => {
        while (sent < 100_000_000 && channel.writable) {
          sent += chunk.length;
          if (!channel.write(chunk)) {
            channel.once('drain', more);
            return;
          }
        }
      };
      more();
    };
    const host = hostAt((await fakeHost(flood)).port);
    const before = process.memoryUsage().rss;
    await assert.rejects(host.connect(), assertSentence);
    const grown = (process.memoryUsage().rss - before) / 1e6;
    // Client and server share this process here, so the figure is an upper bound for the client's part.
    assert.ok(grown < 100, `${grown} MB`);
    assert.ok(sent < 60_000_000, `${sent} bytes were taken`);
  });

  it('that speaks for ever before SSH begins is left after the time-out', async () => {
    const talker = net.createServer((socket) => {
      socket.on('error', () => undefined);
      const timer = setInterval(() => socket.write('welcome to this banner\r\n'.repeat(100)), 5);
      socket.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => talker.listen(0, '127.0.0.1', resolve));
    closers.push(() => talker.close());
    await assert.rejects(hostAt((talker.address() as net.AddressInfo).port).connect(), assertSentence);
  });

  it('that says nothing at all is left after the time-out, and can be cancelled before', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(() => silent.close());
    const { port } = silent.address() as net.AddressInfo;
    await assert.rejects(hostAt(port).connect(), /did not answer within 5 s/);
    const host = hostAt(port);
    const connecting = host.connect();
    await new Promise((resolve) => setTimeout(resolve, 200));
    host.disconnect();
    await assert.rejects(connecting, /cancelled/);
    assert.equal(host.state.kind, 'disconnected');
  });

  for (const [name, bytes] of [
    [
      'a packet that claims 2 GB',
      Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.from([0x7f, 0xff, 0xff, 0xff, 4, 20])]),
    ],
    ['an HTTP answer', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['random bytes', Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + 13) & 255))],
  ] as const)
    it(`that sends ${name} ends in one sentence`, async () => {
      const server = net.createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end(bytes);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closers.push(() => server.close());
      await assert.rejects(hostAt((server.address() as net.AddressInfo).port).connect(), assertSentence);
    });

  it('that closes and opens again is connected again by itself, with nothing repeated', async () => {
    let channelNow: ServerChannel | undefined;
    const fake = await fakeHost((channel, request) => {
      channelNow = channel;
      if (request.op !== 'store') honest(channel, request);
    });
    const host = hostAt(fake.port);
    await host.connect();
    const store = host.request('store', { handle: 0, region: 0, offset: '0x0', data: '00' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    channelNow?.end();
    await assert.rejects(store, /closed|ended/);
    assert.equal(host.state.kind, 'reconnecting');
    const end = Date.now() + 10_000;
    while ((host.state.kind as string) !== 'connected' && Date.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(host.state.kind, 'connected');
    assert.equal(fake.requests.filter((line) => line.includes('"store"')).length, 1);
  });
});
