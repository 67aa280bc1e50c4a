/** The client's loopback against the simulated hosts: what it reports is what the device did, in one guest and between two. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DmbWatch } from '../../client/dmb/dmbWatch';
import { runLoopback, type LoopbackEnd, type LoopbackResult } from '../../client/dmb/loopback';
import { indicesOf, isWhole, loopbackText } from '../../client/dmb/loopbackText';
import { sendStore } from '../../client/stores/sendStore';
import { StoreJournal } from '../../client/journal/journal';
import { startLab, type Lab } from '../../lab/machine/api';
import type { BufferInfo, FunctionInfo } from '../../lab/device/requests';
import { Guest } from '../../lab/machine/guestPrograms';
import { LabHost } from '../support/labHost';

const SIZES = [8, 64, 1024, 4096];

describe('a loopback of the client', () => {
  let lab: Lab;
  let folder: string;
  let journal: StoreJournal;
  const guests: LabHost[] = [];
  let first: LoopbackEnd;
  let second: LoopbackEnd;
  let remote: LoopbackEnd;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-loopback-'));
    journal = new StoreJournal(folder);
    lab = await startLab({ guests: 2, functions: 2 });
    const ends: LoopbackEnd[] = [];
    for (const number of [1, 2]) {
      const { host, drivers } = (guests[number - 1] = new LabHost(lab, number));
      await host.connect();
      for (const { bdf, guest } of lab.functions)
        if (guest === number) {
          await drivers.bind(bdf);
          ends.push({ host, fn: host.find(bdf) });
        }
    }
    const [one, two, three] = ends;
    assert.ok(one && two && three);
    [first, second, remote] = [one, two, three];
  });
  after(async () => {
    guests.forEach((guest) => guest.end());
    await lab?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function nothingLeft(seconds = 5): Promise<void> {
    const end = performance.now() + seconds * 1000;
    for (;;) {
      const functions = (await lab.ask({ op: 'list' })) as FunctionInfo[];
      const left = functions.filter(({ owned, sba, ieq }) => owned > 0 || sba !== null || ieq !== null);
      if (left.length === 0) return;
      assert.ok(performance.now() < end, JSON.stringify(left));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Every store was seen by the device, arrived with its interrupt, and is in the journal. */
  async function whole(result: LoopbackResult, from: number): Promise<void> {
    console.log(loopbackText(result).replace(/^/gm, '      '));
    assert.ok(isWhole(result));
    await nothingLeft(0);
    const seen = lab
      .readStores()
      .slice(from)
      .filter(({ region }) => region === 0);
    assert.deepEqual(
      seen.map(({ length }) => length),
      SIZES,
    );
    const records = (await journal.records()).slice(-SIZES.length);
    assert.deepEqual(
      records.map(({ offset, data, outcome }) => [offset, data, outcome]),
      seen.map(({ offset, bytes }) => [offset, bytes, 'ok']),
    );
  }

  it('in one guest: bytes, interrupts with their indices, times on one clock', async () => {
    const from = lab.readStores().length;
    const result = await runLoopback({ from: first, to: second, sizes: SIZES, offset: 4096 }, journal);
    assert.equal(result.clock, 'host');
    assert.deepEqual(
      result.rows.map(({ mask }) => indicesOf(mask ?? 0)),
      [[0], [1], [2], [3]],
    );
    await whole(result, from);
  });

  it('between two guests: the same, by the clock of the client', async () => {
    const from = lab.readStores().length;
    const result = await runLoopback({ from: first, to: remote, sizes: SIZES, offset: 0 }, journal);
    assert.equal(result.clock, 'window');
    await whole(result, from);
  });

  it('ends with the first store that is not taken, and unregisters', async () => {
    const name = lab.functions[0]?.name ?? '';
    const result = await runLoopback({ from: first, to: second, sizes: SIZES, offset: 0 }, journal, {
      beforeStore: async (index) => {
        // The commands of the storing function are over by now, so the fault hits the second store.
        if (index === 1)
          await lab.ask({ op: 'fault', name, fault: { kind: 'eio', count: 1, milliseconds: 0 } });
      },
    });
    await lab.ask({ op: 'fault', name, fault: null });
    assert.ok(!isWhole(result));
    assert.deepEqual(
      result.rows.map(({ record }) => record.outcome),
      ['ok', 'failed'],
    );
    assert.equal(result.rows[1]?.arrived.kind, 'differs');
    assert.match(loopbackText(result), /2 sizes were not stored/);
    await nothingLeft(0);
  });

  it('says what the function answered when it refuses the buffer', async () => {
    await assert.rejects(
      DmbWatch.start(second.host, second.fn, '0x1234', 4096, () => undefined),
      /ISM_REG_DMB of .* was answered with 0x000c: no such GID .*; the two functions are not in the same fabric/,
    );
    await nothingLeft(0);
  });

  it('a watched buffer shows stores with and without a signal, until it is stopped', async () => {
    const user = await first.host.open(first.fn.address);
    const { gid } = await first.host.request('gid', { handle: user.handle });
    const watch = await DmbWatch.start(second.host, second.fn, gid, 4096, () => undefined);
    const store = (low: bigint, data: string) =>
      first.host.request('store', {
        handle: user.handle,
        region: 0,
        offset: `0x${(BigInt(watch.dmb.token) | low).toString(16)}`,
        data,
      });
    const until = async (wanted: () => boolean): Promise<void> => {
      for (const end = performance.now() + 5000; !wanted();) {
        assert.ok(performance.now() < end);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await store((7n << 24n) | (1n << 23n) | 0x40n, 'ab'.repeat(16));
    await until(() => watch.signals === 1 && watch.isChanged(0x40));
    assert.deepEqual(indicesOf(watch.lastMask ?? 0), [7]);
    assert.equal(Buffer.from(watch.data.subarray(0x40, 0x50)).toString('hex'), 'ab'.repeat(16));
    assert.deepEqual([watch.isChanged(0x3f), watch.isChanged(0x50)], [false, false]);
    await store(0x800n, 'cd'.repeat(8));
    await until(() => watch.isChanged(0x807));
    assert.equal(watch.signals, 1);
    assert.equal(watch.isChanged(0x40), false);
    await watch.stop('enough');
    assert.equal(watch.ended, 'enough');
    await nothingLeft(0);
  });

  it('a watched buffer shows a burst while it runs, and cannot be let go in its middle', async () => {
    const { handle } = await first.host.open(first.fn.address);
    const { gid } = await first.host.request('gid', { handle });
    const watch = await DmbWatch.start(second.host, second.fn, gid, 4096, () => undefined);
    const target = BigInt(watch.dmb.token) | (3n << 24n) | (1n << 23n) | 0x200n;
    let id = 0;
    const plan = { handle, region: 0, offset: `0x${target.toString(16)}`, data: 'ee'.repeat(64) };
    const burst = first.host.request('burst', { ...plan, count: 1_000_000 }, (sent) => (id = sent));
    // Longer than the time after which the buffer is read without a signal as well.
    const pause = new Promise((resolve) => setTimeout(resolve, 2500));
    assert.equal(await Promise.race([burst, pause]), undefined);
    assert.equal(watch.ended, undefined);
    assert.ok(watch.signals > 5, String(watch.signals));
    assert.ok(watch.isChanged(0x200) && watch.isChanged(0x23f) && !watch.isChanged(0x240));
    // What is refused now has changed nothing, on either side.
    await assert.rejects(watch.stop('enough'), /a burst or script is running/);
    await assert.rejects(first.host.close(first.fn.address), /a burst or script is running/);
    const { record } = await sendStore(
      { ...first, handle, region: 0, offset: target, data: Buffer.alloc(8) },
      journal,
      (params) => first.host.request('store', params),
    );
    assert.equal(record.outcome, 'refused');
    assert.equal(watch.ended, undefined);
    assert.ok(first.host.opened(first.fn.address));
    await first.host.request('stop', { request: id });
    const { ended, sent } = await burst;
    console.log(`      ${sent} stores, ${watch.signals} signals told of`);
    assert.equal(ended, 'stop');
    await watch.stop('enough');
    assert.equal(watch.ended, 'enough');
    await nothingLeft(0);
  });

  it('takes one function for both ends', async () => {
    const result = await runLoopback({ from: first, to: first, sizes: [1, 7, 4096], offset: 0 }, journal);
    assert.ok(isWhole(result), loopbackText(result));
    assert.equal(result.left, undefined);
    await nothingLeft();
  });

  it('leaves nothing behind when the helper is killed in the middle of it, and sends nothing again', async () => {
    const guest = await Guest.login(lab, 'root', 1);
    const from = lab.readStores().length;
    const result = await runLoopback({ from: first, to: second, sizes: SIZES, offset: 0 }, journal, {
      beforeStore: async (index) => {
        if (index === 2)
          await guest.run(
            'for p in /proc/[0-9]*; do case "$(readlink $p/exe)" in *ism-helper*) kill -9 ${p#/proc/};; esac; done; true',
          );
      },
    });
    guest.leave();
    assert.deepEqual(
      result.rows.slice(0, 2).map(({ record }) => record.outcome),
      ['ok', 'ok'],
    );
    assert.match(result.rows[2]?.record.outcome ?? '', /^(unknown|refused)$/);
    assert.equal(result.rows.length, 3);
    assert.ok(result.left);
    await nothingLeft(10);
    const arrived = lab
      .readStores()
      .slice(from)
      .filter(({ region }) => region === 0);
    assert.equal(arrived.length, 2);
    // The connection comes back by itself; so does a loopback, when it is asked for anew.
    await guests[0]?.seen(({ state }) => state.kind === 'connected', performance.now(), 30);
    const again = await runLoopback({ from: first, to: second, sizes: [8], offset: 0 }, journal);
    assert.ok(isWhole(again));
  });

  it('leaves nothing behind when the link goes in the middle of it', async () => {
    const result = await runLoopback({ from: first, to: remote, sizes: SIZES, offset: 0 }, journal, {
      // Before the first store: then the host with the buffer is gone.
      beforeStore: () => remote.host.disconnect(),
    });
    assert.equal(result.rows[0]?.record.outcome, 'ok');
    assert.equal(result.rows[0]?.arrived.kind, 'unread');
    assert.match(result.left ?? '', /not connected/);
    await nothingLeft();
    const buffers = (await lab.ask({ op: 'buffers' })) as BufferInfo[];
    assert.deepEqual(buffers, []);
  });
});
