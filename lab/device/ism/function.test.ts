import assert from 'node:assert/strict';
import type { StoreRecord } from '../stores/storeRecord';
import type { Client } from '../vfioUser/device';
import { Fabric } from './fabric';
import { answerWordAt, frameWordAt } from './frames';
import { IsmFunction } from './ismFunction';
import { Answer, Command } from './layout';
import { SparseMemory } from './sparseMemory';

const msi = 0xfe00_0000_0000_0000n;
const sba = 0x10_0000n;
const ieq = 0x10_1000n;
const dmb = 0x10_2000n;

/** A guest that is nothing but memory and a count of interrupts. */
class Memory implements Client {
  readonly memory = new SparseMemory();
  interrupts = 0;

  dmaRead(address: bigint, length: number): Promise<Buffer> {
    return Promise.resolve(this.memory.read(address, length));
  }

  dmaWrite(address: bigint, data: Buffer): Promise<void> {
    if (address === msi) this.interrupts++;
    else this.memory.write(address, data);
    return Promise.resolve();
  }
}

/** Everything that was asked of the guests' memory so far has happened after this. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function words(...values: (readonly [number, bigint | number])[]): Buffer {
  return Buffer.concat(
    values.map(([size, value]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt(value));
      return bytes.subarray(8 - size);
    }),
  );
}

describe('an ISM function', () => {
  let fabric: Fabric;
  let stores: StoreRecord[];
  let lines: string[];
  let one: IsmFunction;
  let two: IsmFunction;
  let memory: Memory;

  const plug = (name: string, gid: bigint): IsmFunction =>
    new IsmFunction({
      name,
      gid,
      fabric,
      logStore: (record) => stores.push(record),
      log: (line) => lines.push(line),
    });

  beforeEach(() => {
    fabric = new Fabric();
    stores = [];
    lines = [];
    one = plug('ism0', 1n);
    two = plug('ism1', 2n);
    memory = new Memory();
    one.connected(memory);
    two.connected(new Memory());
  });

  /** Stores as the guest's shim does: a frame word, then pieces of 8 bytes in QEMU's order. */
  function store(device: IsmFunction, region: number, offset: bigint, bytes: Buffer): void {
    const word = (BigInt(region) << 61n) | (BigInt(bytes.length) << 48n) | offset;
    device.write(4, frameWordAt, words([8, word]));
    const start = offset & ~7n;
    const head = Number(offset - start);
    const filled = Buffer.alloc(Math.ceil((head + bytes.length) / 8) * 8);
    bytes.copy(filled, head);
    for (let at = 0; at < filled.length; at += 8)
      device.write(region, start + BigInt(at), Buffer.from(filled.subarray(at, at + 8)).reverse());
  }

  function command(device: IsmFunction, code: number, body: Buffer = Buffer.alloc(0)): Buffer {
    if (body.length) store(device, 2, 8n, body);
    store(device, 2, 0n, words([4, code], [2, 0], [2, 8 + body.length]));
    return device.read(2, 0n, 256);
  }

  function register(vlan?: number): bigint {
    command(one, Command.registerSba, words([8, sba]));
    command(one, Command.registerIeq, words([8, ieq], [8, 512]));
    const body = words([8, dmb], [4, 4096], [4, 33], [4, vlan ? 1 : 0], [4, vlan ?? 0], [8, 2]);
    const answer = command(one, Command.registerDmb, body);
    assert.equal(answer.readUInt16BE(4), Answer.done);
    return answer.readBigUInt64BE(8);
  }

  it('keeps the order of data and signals, and counts events from 1 to 15 without end', async () => {
    register();
    for (let n = 1; n <= 33; n++) {
      command(two, Command.signalIeq, words([8, 1], [4, 1], [4, n], [8, 0]));
      await settle();
      const place = (n - 1) % 15;
      assert.equal(memory.memory.read(ieq, 8).readBigUInt64BE(), BigInt(place + 1));
      assert.equal(memory.memory.read(ieq + 32n + 32n * BigInt(place) + 4n, 4).readUInt32BE(), n);
    }
    assert.equal(memory.interrupts, 33);
  });

  it('lets nobody into a buffer of a VLAN who is not in it', () => {
    command(one, Command.addVlan, words([8, 7]));
    const token = register(7);
    store(two, 0, token, Buffer.alloc(8, 1));
    assert.deepEqual(stores.at(-1)?.buffer, { refused: 'wrong vlan' });
    command(two, Command.addVlan, words([8, 7]));
    store(two, 0, token, Buffer.alloc(8, 1));
    assert.deepEqual(stores.at(-1)?.buffer, { owner: 'ism0', token: `0x${token.toString(16)}`, at: 0 });
  });

  it('takes every length at every offset, as real functions do, and nothing beside it', async () => {
    const token = register();
    for (const length of [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 63, 127, 129, 1000])
      for (let at = 0; at < 9; at++) {
        memory.memory.write(dmb, Buffer.alloc(2048));
        const bytes = Buffer.from(Array.from({ length }, (_, index) => (index % 255) + 1));
        store(two, 0, token + BigInt(at), bytes);
        await settle();
        assert.deepEqual(
          memory.memory.read(dmb, at + length + 8),
          Buffer.concat([Buffer.alloc(at), bytes, Buffer.alloc(8)]),
          `${length} bytes at ${at}`,
        );
        assert.deepEqual([stores.at(-1)?.length, stores.at(-1)?.bytes], [length, bytes.toString('hex')]);
      }
    assert.deepEqual(lines, []);
  });

  it('forgets everything when its guest is gone, and tells the owners of what it used', async () => {
    const token = register();
    assert.equal(fabric.buffers().length, 1);
    two.disconnected();
    await settle();
    assert.equal(memory.memory.read(ieq, 8).readBigUInt64BE(), 2n);
    assert.equal(memory.memory.read(ieq + 32n + 8n, 8).readBigUInt64BE(), token);
    one.disconnected();
    assert.deepEqual(fabric.buffers(), []);
    assert.equal(one.sba, undefined);
  });

  it('forgets what was registered when the kernel resets it, which it announces in the command register', () => {
    const command = (value: number): void => one.write(7, 4n, Buffer.from([value, value === 0 ? 4 : 0]));
    command(6);
    register();
    command(2); // no bus master any more: nothing is lost by that alone
    assert.equal(fabric.buffers().length, 1);
    command(0);
    assert.deepEqual(fabric.buffers(), []);
    assert.deepEqual([one.sba, one.ieq], [undefined, undefined]);
  });

  it('gives tokens out anew only after all others', () => {
    const first = register();
    command(one, Command.unregisterDmb, words([8, first]));
    const body = words([8, dmb], [4, 4096], [4, 33], [4, 0], [4, 0], [8, 2]);
    assert.notEqual(command(one, Command.registerDmb, body).readBigUInt64BE(8), first);
  });

  it('says so when a framed store is cut off, and takes the next one', () => {
    one.write(4, frameWordAt, words([8, (64n << 48n) | 0x1000n]));
    one.write(0, 0x1000n, Buffer.alloc(8));
    store(one, 0, 0x2000n, Buffer.alloc(16, 3));
    assert.deepEqual(lines, ['a store of 64 bytes ended after 8']);
    assert.equal(stores.length, 1);
    assert.equal(stores[0]?.offset, '0x2000');
  });

  it('is busy while 64 stores are on their way to a buffer, and takes more once they have arrived', async () => {
    const token = register();
    const answerOf = (): number | undefined => two.read(4, answerWordAt, 8)[0];
    for (let n = 0; n < 64; n++) store(two, 0, token, Buffer.alloc(8, n));
    assert.equal(answerOf(), 0);
    store(two, 0, token, Buffer.alloc(8, 0xee));
    assert.equal(answerOf(), 2);
    assert.equal(stores.filter(({ region }) => region === 0).length, 64);
    await settle();
    assert.equal(memory.memory.read(dmb, 1)[0], 63);
    store(two, 0, token, Buffer.alloc(8, 0xee));
    assert.equal(answerOf(), 0);
    await settle();
    assert.equal(memory.memory.read(dmb, 1)[0], 0xee);
  });

  it('touches nothing that was unregistered while a store was on its way', async () => {
    const token = register();
    const signal = 1n << 23n;
    for (let n = 0; n < 8; n++) store(two, 0, token + signal, Buffer.alloc(8, 1 + n));
    // The first is in the middle of its way by now.
    await Promise.resolve();
    command(one, Command.unregisterDmb, words([8, token]));
    command(one, Command.unregisterIeq);
    command(one, Command.unregisterSba);
    const touched: bigint[] = [];
    memory.dmaWrite = (address) => {
      touched.push(address);
      return Promise.resolve();
    };
    await settle();
    assert.deepEqual(touched, []);
    assert.deepEqual(lines, []);
  });

  it('logs when the guest does not let it reach its memory', async () => {
    const token = register();
    memory.dmaWrite = () => Promise.reject(new Error('errno 14'));
    store(two, 0, token, Buffer.alloc(8));
    await settle();
    assert.match(lines.join(), /the guest's memory was not reached: errno 14/);
  });
});
