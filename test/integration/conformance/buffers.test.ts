/** Stores from one function into the buffer of another, in one guest and between two. */
import assert from 'node:assert/strict';
import { startLab, type Lab } from '../../../lab/machine/api';
import { openSetup } from '../../../setup/context';
import type { Guest } from '../../../lab/machine/guestPrograms';
import { burst, pattern } from './accesses';
import { dmbLength, guestWithShell, hex32, hex64, Shell } from './shell';

const asked = process.env['ISM_CONFORMANCE'];
const setup = openSetup();

/** A signal sets bit 40 of the SBA's dmb_bits, which start at byte 4: byte 9, highest bit. */
const bitByte = 4 + 40 / 8;

describe('buffers of two functions', () => {
  let lab: Lab;
  let guest: Guest;
  let owner: Shell;
  let user: Shell;
  let ownerGid: bigint;
  let userGid: bigint;
  let token: bigint;

  before(async () => {
    lab = await startLab({ setup, functions: 2 });
    guest = await guestWithShell(setup, lab);
    const [first, second] = lab.functions;
    assert.ok(first && second);
    owner = await Shell.open(guest, first);
    user = await Shell.open(guest, second);
    ownerGid = await owner.gid();
    userGid = await user.gid();
    token = await owner.own(userGid);
  });
  after(async () => {
    guest?.leave();
    await lab?.stop();
  });

  it('have a user with another GID, who finds the owner', async () => {
    assert.notEqual(ownerGid, userGid);
    const query = (gid: bigint): Promise<{ answer: number }> =>
      user.command(0x9, hex64(gid) + hex32(0) + hex32(0));
    assert.equal((await query(ownerGid)).answer, 0);
    assert.notEqual((await query(0x1234n)).answer, 0);
  });

  it('are counted by QUERY_INFO', async () => {
    const { answer, body } = await owner.command(0x8, '');
    assert.equal(answer, 0);
    assert.equal(body.slice(32, 48), hex64(ownerGid));
    assert.equal(body.slice(96, 104), hex32(1));
    assert.equal((await user.command(0x8, '')).body.slice(104, 112), hex32(1));
  });

  it('take a store without a signal silently', async () => {
    assert.equal(await user.talk.ask(`write 0 0x${token.toString(16)} 64 5`), '64');
    await lab.waitForStore(({ buffer }) => buffer !== undefined && 'owner' in buffer);
    assert.equal(await owner.talk.ask('irqs 200'), '0');
    assert.deepEqual(await owner.buffer(64), pattern(64, 5));
  });

  it('tell their owner by bits and one interrupt when a store signals', async () => {
    const address = token | (3n << 24n) | (1n << 23n) | 0x1000n;
    assert.equal(await user.talk.ask(`write 0 0x${address.toString(16)} 4096 6`), '4096');
    assert.equal(await owner.talk.ask('irqs 10000'), '1');
    const sba = Buffer.from(await owner.peekSba(), 'hex');
    assert.equal(sba[0], 0x80);
    assert.equal(sba[bitByte], 0x80);
    assert.equal(sba.readUInt16BE(256 + 2 * 40), 0x8000 >> 3);
    assert.deepEqual((await owner.buffer(0x2000)).subarray(0x1000), pattern(4096, 6));
  });

  it('refuse whoever is not their user, and what is outside', async () => {
    const before = await owner.buffer();
    const from = lab.readStores().length;
    const end = token + BigInt(dmbLength);
    assert.equal(await owner.talk.ask(`write 0 0x${token.toString(16)} 64 9`), '64');
    assert.equal(await user.talk.ask(`write 0 0x${end.toString(16)} 16 9`), '16');
    const reasons = lab
      .readStores()
      .slice(from)
      .map(({ buffer }) => (buffer && 'refused' in buffer ? buffer.refused : 'none'));
    assert.deepEqual(reasons, ['not its user', 'outside the buffer']);
    assert.deepEqual(await owner.buffer(), before);
  });

  it('answer commands with bad arguments by other codes than 0', async () => {
    const page = (1n << 32n) + 0x80000n;
    const dmb = (address: bigint, length: number, bit: number, gid: bigint): Promise<{ answer: number }> =>
      owner.command(0xa, hex64(address) + hex32(length) + hex32(bit) + hex32(0).repeat(2) + hex64(gid));
    const refused: Record<string, Promise<{ answer: number }>> = {
      'unknown command': owner.command(0x77, hex64(0n)),
      'short request': owner.command(0xa, hex64(page)),
      'a second SBA': owner.command(0x1, hex64(page)),
      'a second IEQ': owner.command(0x2, hex64(page) + hex64(512n)),
      'bit in use': dmb(page, 4096, 40, userGid),
      'reserved bit': dmb(page, 4096, 31, userGid),
      'bit past the end': dmb(page, 4096, 1920, userGid),
      'address within a page': dmb(page + 8n, 4096, 41, userGid),
      'no length': dmb(page, 0, 41, userGid),
      'too long': dmb(page, (1 << 20) + 1, 41, userGid),
      'unknown GID': dmb(page, 4096, 41, 0x1234n),
      'token of nobody': owner.command(0xb, hex64(0x7777_0000_0000n)),
      "another's token": user.command(0xb, hex64(token)),
      'VLAN 0': owner.command(0x4, hex64(0n)),
      'VLAN that was not added': owner.command(0x5, hex64(12n)),
      'signal to nobody': owner.command(0xe, hex64(0x1234n) + hex32(1) + hex32(2) + hex64(3n)),
      'UNREG_SBA without one': user.command(0x11, ''),
      'UNREG_IEQ without one': user.command(0x12, ''),
    };
    for (const [name, answer] of Object.entries(refused)) assert.notEqual((await answer).answer, 0, name);
  });

  it('carry events to the queue of a function', async () => {
    await owner.talk.ask('irqs 0');
    assert.equal(
      (await user.command(0xe, hex64(ownerGid) + hex32(1) + hex32(0x55) + hex64(0xabcn))).answer,
      0,
    );
    assert.equal(await owner.talk.ask('irqs 10000'), '1');
    const queue = await owner.peekQueue();
    assert.equal(queue.slice(0, 16), hex64(1n));
    const entry = queue.slice(64, 128);
    assert.equal(entry.slice(0, 32), hex32(2) + hex32(0x55) + hex64(userGid));
    assert.equal(entry.slice(48), hex64(0xabcn));
  });

  const count = asked ? 10_000 : 500;
  it(`receive ${count} stores of random size and place, each once and in order`, async () => {
    await checkBurst(lab, owner, user, token, count);
  });

  it('answer injected faults: EIO, busy, and a store that takes its time', async () => {
    const store = `write 0 0x${token.toString(16)} 64 77`;
    const fault = (kind: 'eio' | 'busy' | 'slow', times: number): Promise<unknown> =>
      lab.ask({ op: 'fault', name: 'ism1', fault: { kind, count: times, milliseconds: 300 } });
    const from = lab.readStores().length;
    await fault('eio', 1);
    assert.deepEqual(await user.talk.askAll([store, store]), ['EIO', '64']);
    await fault('busy', 5);
    assert.equal(await user.talk.ask(store), '64');
    await fault('slow', 1);
    assert.equal(await user.talk.ask(store), '64');
    const seen = lab.readStores().slice(from);
    assert.deepEqual(
      seen.map(({ refused }) => refused),
      [1, undefined, undefined, undefined],
    );
  });

  it('are gone when their owner unregisters them, of which the user hears', async () => {
    assert.equal((await owner.command(0xb, hex64(token))).answer, 0);
    assert.equal(await user.talk.ask(`write 0 0x${token.toString(16)} 64 1`), '64');
    assert.deepEqual(lab.readStores().at(-1)?.buffer, { refused: 'no such buffer' });
  });
});

describe('buffers of two guests', () => {
  let lab: Lab;
  const guests: Guest[] = [];

  before(async () => {
    lab = await startLab({ setup, guests: 2 });
    for (const { number } of lab.guests) guests.push(await guestWithShell(setup, lab, number));
  });
  after(async () => {
    guests.forEach((guest) => guest.leave());
    await lab?.stop();
  });

  it('receive 1000 stores of random size and place, each once and in order', async () => {
    const [first, second] = lab.functions;
    const [near, far] = guests;
    assert.ok(first && second && near && far);
    const owner = await Shell.open(far, second);
    const user = await Shell.open(near, first);
    const token = await owner.own(await user.gid());
    await checkBurst(lab, owner, user, token, 1000);
  });
});

/** Issues a burst and compares the device's log and the buffer's final content with the same burst calculated here. */
async function checkBurst(lab: Lab, owner: Shell, user: Shell, token: bigint, count: number): Promise<void> {
  const memory = await owner.buffer();
  const from = lab.readStores().length;
  const seed = 0x1234567;
  const answer = await user.talk.ask(`burst 0x${token.toString(16)} ${dmbLength} ${count} ${seed}`);
  assert.equal(answer, String(count));
  const wanted = burst(dmbLength, count, seed);
  const seen = lab.readStores().slice(from);
  assert.equal(seen.length, count);
  for (const [index, { offset, length }] of wanted.entries()) {
    const bytes = pattern(length, index);
    bytes.copy(memory, offset);
    const store = seen[index];
    assert.equal(store?.offset, `0x${(token | BigInt(offset)).toString(16)}`, `store ${index}`);
    assert.equal(store.bytes, bytes.toString('hex'), `store ${index}`);
  }
  // What is asked last comes last: a signal says that everything before it has arrived.
  await owner.talk.ask('irqs 0');
  const end = token | (1n << 23n);
  assert.equal(await user.talk.ask(`write 0 0x${end.toString(16)} 8 1`), '8');
  pattern(8, 1).copy(memory, 0);
  assert.notEqual(await owner.talk.ask('irqs 60000'), '0');
  assert.ok(memory.equals(await owner.buffer()), 'the buffer holds something else');
}
