/**
 * Buffers of the helper in the simulated hosts: bytes, interrupts and times of stores from another function, in one guest
 * and between two, and that nothing stays registered however the helper ends.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { startLab, type Lab, type LabFunction } from '../../lab/machine/api';
import type { BufferInfo, FunctionInfo } from '../../lab/device/requests';
import { resultSchemas, Reply, type Operation, type Operations } from '../../protocol/helper';
import { DmbEvent } from '../../protocol/helperDmb';
import { CuttingProxy } from '../support/cuttingProxy';
import { skip } from '../support/skip';
import { Guest, type Conversation } from '../../lab/machine/guestPrograms';

const helperFile =
  process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');

const SIZES = [8, 64, 1024, 4096];
const hex = (value: bigint): string => `0x${value.toString(16)}`;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Random bytes, of which the first and the last are not what the store before has left there: the span that changed is theirs. */
function bytes(size: number, store: number): string {
  const data = randomBytes(size);
  data[0] = data[size - 1] = 0xa0 + store;
  return data.toString('hex');
}

/** Where a store lands: ISM_CREATE_REQ of drivers/s390/net/ism.h. */
function move(token: string, index: number, signal: boolean, offset: number): string {
  return hex(BigInt(token) | (BigInt(index) << 24n) | (signal ? 1n << 23n : 0n) | BigInt(offset));
}

/** A helper in a guest, whose answers are checked as the client checks them. */
class Helper {
  private id = 0;
  private constructor(readonly talk: Conversation) {}

  static async start(guest: Guest): Promise<Helper> {
    return new Helper(await guest.converse('exec /tmp/ism-helper'));
  }

  async ask<O extends Operation>(op: O, params: Operations[O]['params']): Promise<Operations[O]['result']> {
    const reply = v.parse(
      Reply,
      JSON.parse(await this.talk.ask(JSON.stringify({ id: ++this.id, op, ...params }))),
    );
    if ('error' in reply) throw new Error(`${reply.error.code}: ${reply.error.message}`);
    return v.parse(resultSchemas[op], reply.result);
  }

  async event(): Promise<DmbEvent> {
    return v.parse(DmbEvent, JSON.parse(await this.talk.next()));
  }

  async open(fn: LabFunction, api?: 'cdev' | 'group'): Promise<number> {
    return (await this.ask('open', { address: fn.bdf, ...(api ? { api } : {}) })).handle;
  }
}

describe('buffers of the helper in the simulated hosts', () => {
  let lab: Lab;
  let proxy: CuttingProxy;
  let near: Guest;
  let far: Guest;
  let first: LabFunction;
  let second: LabFunction;
  let remote: LabFunction;

  before(async () => {
    lab = await startLab({ guests: 2, functions: 2 });
    near = await Guest.login(lab, 'root', 1);
    far = await Guest.login(lab, 'root', 2);
    const [one, two, three, four] = lab.functions;
    assert.ok(one && two && three && four);
    [first, second, remote] = [one, two, three];
    for (const guest of [near, far]) await guest.upload(helperFile, '/tmp/ism-helper');
    for (const fn of lab.functions) {
      const guest = fn.guest === 1 ? near : far;
      await guest.run(`echo ism_vfio_pci > /sys/bus/pci/devices/${fn.bdf}/driver_override`);
      await guest.run(`echo ${fn.bdf} > /sys/bus/pci/drivers_probe`);
    }
    proxy = new CuttingProxy(lab.port);
    await proxy.listen();
  });
  after(async () => {
    near?.leave();
    far?.leave();
    proxy?.close();
    await lab?.stop();
  });

  const buffers = async (): Promise<BufferInfo[]> => (await lab.ask({ op: 'buffers' })) as BufferInfo[];

  /** Nothing of the helper is left in any function: no buffer, no SBA, no event queue. */
  async function nothingLeft(seconds = 0): Promise<number> {
    const from = performance.now();
    for (;;) {
      const functions = (await lab.ask({ op: 'list' })) as FunctionInfo[];
      const left = functions.filter(({ owned, sba, ieq }) => owned > 0 || sba !== null || ieq !== null);
      if (left.length === 0) return Math.round(performance.now() - from);
      if (performance.now() - from > seconds * 1000)
        assert.fail(`left: ${JSON.stringify(left)} ${JSON.stringify(await buffers())}`);
      await pause(20);
    }
  }

  for (const api of ['group', 'cdev'] as const)
    it(`take stores from another function of the same guest (${api})`, async function () {
      const helper = await Helper.start(near);
      const { vfio } = await helper.ask('hello', {});
      // Debian's kernel has groups alone; the lab's own has both.
      if (!vfio[api]) {
        await helper.talk.end();
        skip(this, `the lab's kernel ${lab.kernel} has no vfio ${api}`);
      }
      const owner = await helper.open(first, api);
      const user = await helper.open(second, api);
      const { gid } = await helper.ask('gid', { handle: user });
      const dmb = await helper.ask('dmb-register', { handle: owner, size: 16384, user: gid });
      assert.deepEqual(
        (await buffers()).map((one) => [one.owner, one.user, one.length, one.token]),
        [[first.name, second.name, 16384, dmb.token]],
      );
      for (const [index, size] of SIZES.entries()) {
        const data = bytes(size, index);
        const offset = move(dmb.token, index, true, 4096);
        const stored = await helper.ask('dmb-store', {
          dmb: dmb.dmb,
          handle: user,
          offset,
          data,
          waitMs: 5000,
        });
        assert.equal(stored.count, size);
        assert.equal(stored.signal?.mask, 0x8000 >> index);
        assert.ok(stored.interruptNs !== null);
        assert.equal(stored.signal?.changed?.data, data);
        assert.equal(stored.signal?.changed?.offset, 4096);
        assert.equal((await helper.ask('dmb-read', { dmb: dmb.dmb, offset: 4096, length: size })).data, data);
        console.log(
          `      ${size} bytes: store ${stored.durationNs / 1000} µs, interrupt after ${stored.interruptNs / 1000} µs`,
        );
      }
      await helper.ask('dmb-unregister', { dmb: dmb.dmb });
      await nothingLeft();
      await helper.talk.end();
    });

  it('take stores from another guest, and tell of them by events', async () => {
    const owner = await Helper.start(near);
    const user = await Helper.start(far);
    const ownHandle = await owner.open(first);
    const handle = await user.open(remote);
    const { gid } = await user.ask('gid', { handle });
    const dmb = await owner.ask('dmb-register', { handle: ownHandle, size: 8192, user: gid });
    for (const [index, size] of SIZES.entries()) {
      const data = bytes(size, index);
      const told = owner.event();
      const from = performance.now();
      const { count } = await user.ask('store', {
        handle,
        region: 0,
        offset: move(dmb.token, 5, true, 0),
        data,
      });
      assert.equal(count, size);
      const event = await told;
      console.log(
        `      ${size} bytes: event ${(performance.now() - from).toFixed(1)} ms after it was asked for`,
      );
      assert.deepEqual([event.dmb, event.token, event.mask], [dmb.dmb, dmb.token, 0x8000 >> 5]);
      assert.equal((await owner.ask('dmb-read', { dmb: dmb.dmb, offset: 0, length: size })).data, data);
    }
    // A store without a signal changes the bytes and says nothing.
    await user.ask('store', {
      handle,
      region: 0,
      offset: move(dmb.token, 0, false, 0),
      data: 'ab'.repeat(8),
    });
    await lab.waitForStore(({ bytes }) => bytes === 'ab'.repeat(8));
    await pause(100);
    const { data } = await owner.ask('dmb-read', { dmb: dmb.dmb, offset: 0, length: 8 });
    assert.equal(data, 'ab'.repeat(8));
    await owner.talk.end();
    await nothingLeft(2);
    await user.talk.end();
  });

  it('refuse a user that is not in the fabric, by the name of the command and its code', async () => {
    const helper = await Helper.start(near);
    const handle = await helper.open(first);
    await assert.rejects(
      helper.ask('dmb-register', { handle, size: 4096, user: '0x1234' }),
      /^Error: answer-0x000c: ISM_REG_DMB of .* 0x000c$/,
    );
    await nothingLeft();
    await helper.talk.end();
  });

  it('can be four of a function, and closing it unregisters them', async () => {
    const helper = await Helper.start(near);
    const handle = await helper.open(first);
    const { gid: user } = await helper.ask('gid', { handle });
    for (let n = 0; n < 4; n++) await helper.ask('dmb-register', { handle, size: 65536, user });
    assert.equal((await buffers()).length, 4);
    await assert.rejects(helper.ask('dmb-register', { handle, size: 4096, user }), /EMFILE/);
    await helper.ask('close', { handle });
    await nothingLeft();
    await helper.talk.end();
  });

  /** A helper with a buffer; how it is ended is the matter of the test. */
  async function holding(guest: Guest): Promise<{ helper: Helper; pid: string }> {
    const helper = await Helper.start(guest);
    const handle = await helper.open(first);
    const { gid: user } = await helper.ask('gid', { handle });
    await helper.ask('dmb-register', { handle, size: 4096, user });
    await helper.ask('dmb-register', { handle, size: 4096, user });
    assert.equal((await buffers()).length, 2);
    const find =
      'for p in /proc/[0-9]*; do [ "$(readlink $p/exe)" = /tmp/ism-helper ] && echo ${p#/proc/}; done; true';
    return { helper, pid: await near.run(find) };
  }

  for (const signal of ['TERM', 'HUP', 'KILL'])
    it(`are gone when the helper gets SIG${signal}`, async () => {
      const { pid } = await holding(near);
      await near.run(`kill -${signal} ${pid}`);
      console.log(`      nothing was left after ${await nothingLeft(10)} ms`);
    });

  it('are gone when the input of the helper ends', async () => {
    const { helper } = await holding(near);
    await helper.talk.end();
    await nothingLeft();
  });

  it('are gone when the link is cut', async () => {
    const login = await Guest.login(lab, 'root', 1, proxy.port);
    await holding(login);
    proxy.cut();
    console.log(`      nothing was left after ${await nothingLeft(10)} ms`);
    login.leave();
  });

  it('are gone when the link is silent for as long as the client said, and nobody closes it', async () => {
    const login = await Guest.login(lab, 'root', 1, proxy.port);
    const { helper } = await holding(login);
    assert.deepEqual(await helper.ask('ping', { silence: 3 }), { silence: 3 });
    proxy.freeze();
    console.log(`      nothing was left after ${await nothingLeft(20)} ms`);
    proxy.cut();
    login.leave();
  });
});
