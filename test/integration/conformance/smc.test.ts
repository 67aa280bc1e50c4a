/** The kernel's own driver on the functions of two guests: SMC-D traffic, and handing a function over to vfio and back. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { startLab, type Lab } from '../../../lab/machine/api';
import type { BufferInfo } from '../../../lab/device/requests';
import { isKernelBuilt } from '../../../lab/kernel/build';
import { openSetup } from '../../../setup/context';
import { skip } from '../../support/skip';
import { Guest, installProgram, type Conversation } from '../../../lab/machine/guestPrograms';
import { Shell } from './shell';

const setup = openSetup();
/**
 * Debian's kernel has neither DIBS nor ISM, and building another is not a matter of `npm test`: without the lab's kernel in
 * the cache there is nothing that these tests could run on.
 */

const kernelsOwnDriver = (): void => {
  let lab: Lab;
  let near: Guest;
  let far: Guest;
  let server: Conversation;
  let client: Conversation;
  const buffers = async (): Promise<BufferInfo[]> => (await lab.ask({ op: 'buffers' })) as BufferInfo[];
  const driver = async (guest: Guest, bdf: string): Promise<string> =>
    path.basename(await guest.run(`readlink /sys/bus/pci/devices/${bdf}/driver || true`));

  before(async function () {
    if (!isKernelBuilt(setup, 'lab'))
      skip(this, "the lab's kernel is not built; npm run lab -- --kernel lab builds it");
    lab = await startLab({ setup, kernel: 'lab', guests: 2 });
    near = await Guest.login(lab, 'root', 1);
    far = await Guest.login(lab, 'root', 2);
    for (const guest of [near, far]) {
      await guest.run('load-ism');
      await installProgram(setup, guest, 'smcPeer');
    }
  });
  after(async () => {
    near?.leave();
    far?.leave();
    await lab?.stop();
  });

  it('takes each function', async () => {
    for (const { guest, bdf } of lab.functions)
      assert.equal(await driver(guest === 1 ? near : far, bdf), 'ism');
    assert.equal(await near.run('ls /sys/class/dibs | grep -v lo || true'), 'ism51');
  });

  it('carries a connection through buffers of both functions', async () => {
    server = await far.converse('/tmp/smcPeer serve 5000');
    assert.equal(await server.next(), 'listening');
    client = await near.converse(`/tmp/smcPeer connect ${lab.guests[1]?.address ?? ''} 5000`);
    assert.equal(await client.next(), 'connected');
    const from = lab.readStores().length;
    assert.equal(await client.ask('1000000'), 'same');
    const owners = (await buffers()).map(({ owner, user }) => `${owner} for ${user}`).sort();
    assert.deepEqual(owners, ['ism0 for ism1', 'ism1 for ism0']);
    const moved = { ism0: 0, ism1: 0 };
    for (const { length, buffer } of lab.readStores().slice(from))
      if (buffer && 'owner' in buffer && (buffer.owner === 'ism0' || buffer.owner === 'ism1'))
        moved[buffer.owner] += length;
    assert.ok(moved.ism0 >= 1_000_000 && moved.ism1 >= 1_000_000, JSON.stringify(moved));
  });

  it('carries a thousand messages of odd lengths', async () => {
    const from = lab.readStores().length;
    let state = 12_345;
    const odd = Array.from({ length: 1000 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return ((state >>> 8) % 8192) * 2 + 1;
    });
    const answers = await client.askAll(odd.map(String));
    assert.deepEqual([...new Set(answers)], ['same']);
    const stores = lab.readStores().slice(from);
    const sum = odd.reduce((total, length) => total + length, 0);
    const moved = stores.filter(({ region }) => region === 0);
    console.log(
      `      ${odd.length} messages of ${sum} bytes there and back in ${moved.length} stores, ${moved.filter(({ length }) => length % 8 !== 0).length} of them of no multiple of 8 bytes`,
    );
    assert.ok(moved.reduce((total, { length }) => total + length, 0) >= 2 * sum);
    assert.ok(moved.some(({ length }) => length % 2 === 1));
    assert.ok(moved.some(({ offset }) => BigInt(offset) % 8n !== 0n));
  });

  it('gives a function up to vfio, although it is in use, and takes it back', async () => {
    const [first] = lab.functions;
    assert.ok(first);
    const device = `/sys/bus/pci/devices/${first.bdf}`;
    // The kernel does not refuse it. The peer's program sees the end at once, but unbinding waits in smc_smcd_terminate_all()
    // until the near program has closed its socket.
    const unbound = near.run(`echo ${first.bdf} > ${device}/driver/unbind`);
    assert.equal(await server.next(), 'accepted');
    assert.equal(await server.next(), 'end');
    await client.end();
    await unbound;
    // The peer gives its buffer back when its own worker has seen the end.
    while ((await buffers()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    await installProgram(setup, near, 'vfioShell');
    const shell = await Shell.open(near, first);
    assert.equal(await driver(near, first.bdf), 'ism_vfio_pci');
    assert.equal(await shell.talk.ask('write 0 0x1000 64 1'), '64');
    await shell.talk.end();
    await near.run(`echo > ${device}/driver_override; echo ${first.bdf} > ${device}/driver/unbind`);
    await near.run(`echo ${first.bdf} > /sys/bus/pci/drivers_probe`);
    assert.equal(await driver(near, first.bdf), 'ism');
  });

  it('connects again afterwards', async () => {
    const again = await far.converse('/tmp/smcPeer serve 5001');
    assert.equal(await again.next(), 'listening');
    const other = await near.converse(`/tmp/smcPeer connect ${lab.guests[1]?.address ?? ''} 5001`);
    assert.equal(await other.next(), 'connected');
    assert.equal(await other.ask('100000'), 'same');
    assert.equal((await buffers()).length, 2);
  });
};

describe("the kernel's own driver in two guests", kernelsOwnDriver);
