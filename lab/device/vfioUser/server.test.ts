import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Fabric } from '../ism/fabric';
import { IsmFunction } from '../ism/ismFunction';
import type { StoreRecord } from '../stores/storeRecord';
import type { Client } from './device';
import { serve, type Served } from './server';
import { Command, encodeMessage, maxMessage, MessageReader, type Message } from './wire';

/** What QEMU would be: one end of a connection that can send anything. */
class Peer {
  private readonly reader = new MessageReader();
  private readonly messages: Message[] = [];
  private wake: (() => void) | undefined;
  readonly closed: Promise<void>;

  constructor(readonly socket: Socket) {
    socket.on('data', (bytes) => {
      this.messages.push(...this.reader.push(bytes));
      this.wake?.();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  send(command: number, payload: Buffer = Buffer.alloc(0), id = 1): void {
    this.socket.write(encodeMessage({ id, command, reply: false, payload }));
  }

  async next(): Promise<Message> {
    while (!this.messages.length) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.messages.shift() as Message;
  }

  async ask(command: number, payload?: Buffer): Promise<Message> {
    this.send(command, payload);
    return this.next();
  }
}

/** Fields of a region access, see the server's requests. */
function accessFields(offset: bigint, region: number, count: number, data: Buffer = Buffer.alloc(0)): Buffer {
  const fields = Buffer.alloc(16);
  fields.writeBigUInt64LE(offset, 0);
  fields.writeUInt32LE(region, 8);
  fields.writeUInt32LE(count, 12);
  return Buffer.concat([fields, data]);
}

/** A message with any header at all. */
function raw(command: number, size: number, flags: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt16LE(command, 2);
  header.writeUInt32LE(size, 4);
  header.writeUInt32LE(flags, 8);
  return Buffer.concat([header, payload]);
}

class RecordingFunction extends IsmFunction {
  client: Client | undefined;
  override connected(client?: Client): void {
    this.client = client;
  }
}

describe('vfio-user server with an ISM function', () => {
  let folder: string;
  let socketPath: string;
  let server: Served;
  let device: RecordingFunction;
  let log: string[];
  let stores: StoreRecord[];
  const sockets: Socket[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'vfio-user-'));
    socketPath = path.join(folder, 'ism0.sock');
    writeFileSync(socketPath, 'left over by a run that crashed');
    log = [];
    stores = [];
    device = new RecordingFunction({
      name: 'ism0',
      gid: 1n,
      fabric: new Fabric(),
      logStore: (record) => stores.push(record),
      log: (line) => log.push(line),
    });
    server = await serve(device, socketPath, (line) => log.push(line));
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });

  async function peer(): Promise<Peer> {
    const socket = connect(socketPath);
    sockets.push(socket);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new Peer(socket);
  }

  it('negotiates version 0 and names its limits', async () => {
    const reply = await (await peer()).ask(Command.version, Buffer.from([0, 0, 0, 0, 0x7b, 0x7d, 0]));
    assert.equal(reply.error, 0);
    const text = reply.payload.subarray(4).toString().replace('\0', '');
    assert.deepEqual(JSON.parse(text), {
      capabilities: { max_msg_fds: 8, max_data_xfer_size: 1048576, pgsizes: 4096 },
    });
  });

  it('shows IBM ISM in configuration space and BAR0 of 256 TiB', async () => {
    const client = await peer();
    const config = await client.ask(Command.regionRead, accessFields(0n, 7, 4));
    assert.equal(config.payload.subarray(16).toString('hex'), '1410ed04');
    const info = Buffer.alloc(32);
    const bar0 = await client.ask(Command.deviceGetRegionInfo, info);
    assert.equal(bar0.payload.readBigUInt64LE(16), 1n << 48n);
  });

  it('tells the size of a BAR the way PCI does', async () => {
    const client = await peer();
    await client.ask(Command.regionWrite, accessFields(0x18n, 7, 8, Buffer.alloc(8, 0xff)));
    const bar2 = await client.ask(Command.regionRead, accessFields(0x18n, 7, 8));
    assert.equal(bar2.payload.readBigUInt64LE(16), 0xfffffffffffff004n);
  });

  it('logs a store as the guest wrote it, joined from the pieces QEMU sends', async () => {
    const client = await peer();
    const sent = Buffer.from(Array.from({ length: 64 }, (_, index) => index));
    for (let at = 0; at < 64; at += 8) {
      const reversed = Buffer.from(sent.subarray(at, at + 8)).reverse();
      const fields = accessFields(0x123456789000n + BigInt(at), 0, 8, reversed);
      client.socket.write(raw(Command.regionWrite, 16 + fields.length, 0x10, fields));
    }
    // A read ends the store that is being joined, and its answer shows that all came.
    const back = await client.ask(Command.regionRead, accessFields(0x123456789000n, 0, 64));
    assert.equal(back.payload.subarray(16).toString('hex'), sent.toString('hex'));
    assert.equal(stores.length, 1);
    const [store] = stores;
    assert.equal(store?.offset, '0x123456789000');
    assert.equal(store?.length, 64);
    assert.equal(store?.bytes, sent.toString('hex'));
    assert.equal(store?.pieces.length, 8);
    assert.equal(store?.pieces[7]?.offset, '0x123456789038');
  });

  it('reads and writes guest memory by messages', async () => {
    const client = await peer();
    await client.ask(Command.version, Buffer.alloc(4));
    const reading = device.client?.dmaRead(0x100001000n, 4);
    const request = await client.next();
    assert.equal(request.command, Command.dmaRead);
    assert.equal(request.payload.readBigUInt64LE(0), 0x100001000n);
    assert.equal(request.payload.readBigUInt64LE(8), 4n);
    const payload = Buffer.concat([request.payload, Buffer.from('abcd')]);
    client.socket.write(encodeMessage({ id: request.id, command: request.command, reply: true, payload }));
    assert.equal((await reading)?.toString(), 'abcd');

    const writing = device.client?.dmaWrite(0x100001000n, Buffer.from('x'));
    const refused = await client.next();
    client.socket.write(encodeMessage({ id: refused.id, command: refused.command, reply: true, error: 14 }));
    await assert.rejects(writing ?? Promise.resolve(), /errno 14/);
  });

  it('rejects DMA that is under way when the guest leaves', async () => {
    const client = await peer();
    await client.ask(Command.version, Buffer.alloc(4));
    const reading = device.client?.dmaRead(0n, 4);
    client.socket.destroy();
    await assert.rejects(reading ?? Promise.resolve(), /connection has ended/);
  });

  it('turns a second client away and keeps the first', async () => {
    const first = await peer();
    await first.ask(Command.version, Buffer.alloc(4));
    await (
      await peer()
    ).closed;
    assert.equal((await first.ask(Command.deviceGetInfo)).error, 0);
  });

  it('refuses what the protocol knows and the lab does not have, and goes on', async () => {
    const client = await peer();
    assert.equal((await client.ask(Command.migDataRead)).error, 95);
    assert.equal((await client.ask(Command.deviceGetInfo)).error, 0);
  });

  const malformed: ReadonlyArray<readonly [string, Buffer, RegExp]> = [
    ['a size smaller than the header', raw(1, 15, 0), /size 15/],
    ['size 0', raw(1, 0, 0), /size 0/],
    ['a size beyond all limits', raw(1, 0xffffffff, 0), /size 4294967295/],
    ['a size just beyond the limit', raw(1, maxMessage + 1, 0), /size/],
    ['a message type that does not exist', raw(1, 16, 0xf), /type 15/],
    ['command 0', raw(0, 16, 0), /unknown command 0/],
    ['an unknown command', raw(0xffff, 16, 0), /unknown command 65535/],
    ['an empty version', raw(Command.version, 16, 0), /carries 0 bytes/],
    ['a version from the future', raw(Command.version, 20, 0, Buffer.from([9, 0, 0, 0])), /version 9/],
    ['a truncated DMA map', raw(Command.dmaMap, 20, 0, Buffer.alloc(4)), /carries 4 bytes/],
    ['a truncated DMA unmap', raw(Command.dmaUnmap, 16, 0), /carries 0 bytes/],
    ['a truncated region info', raw(Command.deviceGetRegionInfo, 16, 0), /carries 0 bytes/],
    ['a truncated interrupt info', raw(Command.deviceGetIrqInfo, 16, 0), /carries 0 bytes/],
    ['truncated interrupts', raw(Command.deviceSetIrqs, 16, 0), /carries 0 bytes/],
    ['a truncated read', raw(Command.regionRead, 24, 0, Buffer.alloc(8)), /carries 8 bytes/],
    ['a huge read', raw(Command.regionRead, 32, 0, accessFields(0n, 0, 0xffffffff)), /too long/],
    ['a read past a BAR', raw(Command.regionRead, 32, 0, accessFields(4090n, 2, 8)), /outside region 2/],
    [
      'a read past the end of 64 bits',
      raw(Command.regionRead, 32, 0, accessFields((1n << 64n) - 1n, 0, 8)),
      /outside region 0/,
    ],
    [
      'a region that is not there',
      raw(Command.regionRead, 32, 0, accessFields(0n, 77, 8)),
      /outside region 77/,
    ],
    ['a write with too few bytes', raw(Command.regionWrite, 32, 0, accessFields(0n, 0, 8)), /announces 8/],
    [
      'a write with too many bytes',
      raw(Command.regionWrite, 40, 0, accessFields(0n, 0, 4, Buffer.alloc(8))),
      /announces 4 bytes and carries 8/,
    ],
    [
      'a posted write past a BAR',
      raw(Command.regionWrite, 40, 0x10, accessFields(0x1000n, 2, 8, Buffer.alloc(8))),
      /outside/,
    ],
    ['a reply that nobody asked for', raw(Command.dmaRead, 16, 1), /reply to nothing/],
  ];
  for (const [what, bytes, reason] of malformed)
    it(`ends the connection at ${what}, and serves the next one`, async () => {
      const bad = await peer();
      bad.socket.write(bytes);
      await bad.closed;
      assert.match(log.join('\n'), reason);
      assert.equal((await (await peer()).ask(Command.deviceGetInfo)).error, 0);
    });

  it('survives a client that leaves in the middle of a message', async () => {
    const bad = await peer();
    bad.socket.end(raw(Command.regionRead, 32, 0, Buffer.alloc(3)));
    await bad.closed;
    assert.match(log.join('\n'), /in the middle of a message \(19 bytes\)/);
    assert.equal((await (await peer()).ask(Command.deviceGetInfo)).error, 0);
  });

  it('survives random bytes', async () => {
    // A fixed linear congruential generator: the same bytes in every run.
    let seed = 12345;
    const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 16;
    for (let round = 0; round < 60; round++) {
      const bad = await peer();
      const payload = Buffer.from(Array.from({ length: random() % 64 }, random));
      bad.socket.end(raw(random() % 24, 16 + payload.length, random() % 64, payload));
      await bad.closed;
    }
    assert.equal((await (await peer()).ask(Command.deviceGetInfo)).error, 0);
    assert.ok(existsSync(socketPath));
    assert.doesNotMatch(log.join('\n'), /internal error/);
  });
});
