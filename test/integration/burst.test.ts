/** Bursts of the helper in the simulated host: what it says it sent is what the device saw, however the burst ends. */
import assert from 'node:assert/strict';
import * as v from 'valibot';
import { startLab, type Lab } from '../../lab/machine/api';
import { Reply } from '../../protocol/helper';
import { BurstResult } from '../../protocol/runOperations';
import { openSetup } from '../../setup/context';
import { CuttingProxy } from '../support/cuttingProxy';
import { Guest, installProgram, type Conversation } from '../../lab/machine/guestPrograms';

const helperFile =
  process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');
const MANY = 1_000_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a burst of stores in the simulated host', () => {
  let lab: Lab;
  let guest: Guest;
  let proxy: CuttingProxy;

  before(async () => {
    lab = await startLab();
    guest = await Guest.login(lab);
    await guest.upload(helperFile, '/tmp/ism-helper');
    await guest.run(`echo ism_vfio_pci > /sys/bus/pci/devices/${lab.bdf}/driver_override`);
    await guest.run(`echo ${lab.bdf} > /sys/bus/pci/drivers_probe`);
    proxy = new CuttingProxy(lab.port);
    await proxy.listen();
  });
  after(async () => {
    guest?.leave();
    proxy?.close();
    await lab?.stop();
  });

  function result(line: string, id: number): unknown {
    const reply = v.parse(Reply, JSON.parse(line));
    assert.ok('result' in reply && reply.id === id, line);
    return reply.result;
  }
  const finished = (line: string): BurstResult => v.parse(BurstResult, result(line, 2));

  /** A helper with the function open, whose handle is then 0. */
  async function open(login = guest): Promise<Conversation> {
    const helper = await login.converse('/tmp/ism-helper');
    result(await helper.ask(JSON.stringify({ id: 1, op: 'open', address: lab.bdf })), 1);
    return helper;
  }

  function burst(offset: string, data: string, count: number): string {
    return JSON.stringify({ id: 2, op: 'burst', handle: 0, region: 0, offset, data, count });
  }

  const seen = (offset: string) => lab.readStores().filter((store) => store.offset === offset);

  /** Waits until the device has seen some stores to a place. */
  async function underWay(offset: string): Promise<void> {
    while (seen(offset).length < 50) await pause(20);
  }

  /** How many stores came to a place in the end. */
  async function settled(offset: string): Promise<number> {
    for (let before = -1; ; await pause(500)) {
      const now = seen(offset).length;
      if (now === before) return now;
      before = now;
    }
  }

  it('of 2000 arrives exactly, with its bytes', async () => {
    const helper = await open();
    const data = Buffer.from(Array.from({ length: 64 }, (_, i) => 255 - i)).toString('hex');
    const answer = finished(await helper.ask(burst('0x123400000000', data, 2000)));
    assert.deepEqual(
      [answer.ended, answer.sent, answer.succeeded, answer.bytes, answer.firstError],
      ['count', 2000, 2000, 128_000, null],
    );
    assert.equal(await settled('0x123400000000'), 2000);
    assert.ok(seen('0x123400000000').every((store) => store.bytes === data));
    const { min = 0, p50 = 0, p99 = 0, max = 0 } = answer.latencyNs ?? {};
    console.log(
      `      ${Math.round(answer.storesPerSecond)} stores a second; min ${min}, p50 ${p50}, p99 ${p99}, max ${max} ns`,
    );
    await helper.end();
  });

  it('is stopped in the middle, and the answer has as many as the device saw', async () => {
    const helper = await open();
    const stopped = helper.ask(burst('0x200000000000', 'a5'.repeat(64), MANY));
    await underWay('0x200000000000');
    const asked = Date.now();
    const answer = await helper.ask(JSON.stringify({ id: 3, op: 'stop', request: 2 }));
    const took = Date.now() - asked;
    // The first line is the one for stop, which comes before the end of the burst.
    assert.deepEqual(result(await stopped, 3), { stopped: true });
    const { ended, sent } = finished(answer);
    assert.equal(ended, 'stop');
    assert.ok(sent >= 50 && sent < MANY);
    assert.equal(await settled('0x200000000000'), sent);
    console.log(`      stopped after ${sent} stores, answered ${took} ms after it was asked to`);
    await helper.end();
  });

  it('ends when the input ends, and says how many it has sent', async () => {
    const helper = await open();
    const answer = helper.ask(burst('0x300000000000', '5a'.repeat(16), MANY));
    await underWay('0x300000000000');
    await helper.end();
    const { ended, sent } = finished(await answer);
    assert.equal(ended, 'input');
    assert.equal(await settled('0x300000000000'), sent);
  });

  it('ends when the link is cut, and the helper with it', async () => {
    const login = await Guest.login(lab, 'root', 1, proxy.port);
    const helper = await open(login);
    const lost = assert.rejects(helper.ask(burst('0x400000000000', '3c'.repeat(16), MANY)));
    await underWay('0x400000000000');
    proxy.cut();
    await lost;
    const running = 'for p in /proc/[0-9]*; do readlink $p/exe; done | grep -c /tmp/ism-helper || true';
    while ((await guest.run(running)) !== '0') await pause(50);
    const atEnd = await settled('0x400000000000');
    assert.ok(atEnd >= 50 && atEnd < MANY, `${atEnd}`);
    await pause(1000);
    assert.equal(seen('0x400000000000').length, atEnd);
    // The device is free again: whoever comes next may open it.
    const next = await open();
    await next.end();
  });

  it('costs little more than a loop of nothing but pwrite', async () => {
    const shell = await installProgram(openSetup(), guest, 'vfioShell');
    const count = 1000;
    const bare: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < 5; round++) {
      const said = await guest.run(`echo loop 0 0x500000000000 64 ${count} | ${shell} ${lab.bdf}`);
      bare.push(Number(said.split('\n').at(-1)) / count);
      const helper = await open();
      const answer = finished(await helper.ask(burst('0x600000000000', '77'.repeat(64), count)));
      ours.push(answer.durationNs / count);
      await helper.end();
    }
    // The processor is emulated and shared, so the figure is told and only a gross change fails.
    const [least, most] = [Math.min(...bare), Math.min(...ours)];
    console.log(
      `      a store in a bare loop ${Math.round(least)} ns, in a burst ${Math.round(most)} ns: ${(most / least).toFixed(3)} x`,
    );
    assert.ok(most < 1.5 * least);
  });
});
