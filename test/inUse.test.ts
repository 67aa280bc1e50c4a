/** Who uses a function, and binding that respects it, between two guests with SMC-D. */
import assert from 'node:assert/strict';
import { HelperError } from '../client/hosts/helperErrors';
import { startLab, type Lab, type LabFunction } from '../lab/api';
import { isKernelBuilt } from '../lab/kernel/build';
import { openSetup } from '../setup/context';
import { Guest, installProgram, type Conversation } from './labGuest';
import { LabHost } from './labHost';

const setup = openSetup();
/** As in conformance/smc.test.ts: Debian's kernel has no SMC-D, and building another is not a matter of `npm test`. */
const possible = isKernelBuilt(setup, 'lab');
if (!possible)
  console.log("Use by SMC-D is left out: the lab's kernel is not built (npm run lab -- --kernel lab).");

const inUse = (): void => {
  let lab: Lab;
  let near: Guest;
  let far: Guest;
  let live: LabHost;
  let first: LabFunction;
  let second: LabFunction;
  let port = 5000;

  before(async () => {
    lab = await startLab({ setup, kernel: 'lab', guests: 2, functions: 2 });
    near = await Guest.login(lab, 'root', 1);
    far = await Guest.login(lab, 'root', 2);
    const [one, two] = lab.functions;
    assert.ok(one && two);
    first = one;
    second = two;
    live = new LabHost(lab);
    await live.host.connect();
  });
  after(async () => {
    live?.end();
    near?.leave();
    far?.leave();
    await lab?.stop();
  });

  const usage = async (fn: LabFunction) => live.host.request('usage', { address: fn.bdf });
  const state = async (fn: LabFunction): Promise<string> => {
    const device = `/sys/bus/pci/devices/${fn.bdf}`;
    return near.run(`basename $(readlink ${device}/driver || echo none); cat ${device}/driver_override`);
  };
  async function connection(): Promise<{ client: Conversation; server: Conversation }> {
    const server = await far.converse(`/tmp/smcPeer serve ${++port}`);
    assert.equal(await server.next(), 'listening');
    const client = await near.converse(`/tmp/smcPeer connect ${lab.guests[1]?.address ?? ''} ${port}`);
    assert.equal(await client.next(), 'connected');
    assert.equal(await client.ask('1000'), 'same');
    return { client, server };
  }
  const failure = async (run: Promise<unknown>): Promise<HelperError> => {
    const error = await run.then(
      () => assert.fail('it was not refused'),
      (why: unknown) => why,
    );
    assert.ok(error instanceof HelperError, String(error));
    return error;
  };

  it('says that SMC uses nothing while the kernel has none, and does not load it by asking', async () => {
    assert.equal((await usage(first)).state, 'free');
    assert.equal(await near.run('[ -e /sys/module/smc ] || echo none'), 'none');
  });

  it('plans what it will write, in order, with a note that ism has the function', async () => {
    for (const guest of [near, far]) {
      await guest.run('load-ism');
      await installProgram(setup, guest, 'smcPeer');
    }
    await installProgram(setup, near, 'vfioShell');
    const plans = await live.host.plan([first.bdf, second.bdf]);
    assert.deepEqual(
      plans.map(({ gravest, warnings }) => [gravest, warnings[0]?.code]),
      [
        ['note', 'driven'],
        ['note', 'driven'],
      ],
    );
    const device = `/sys/bus/pci/devices/${first.bdf}`;
    assert.deepEqual(plans[0]?.writes, [
      { path: `${device}/driver_override`, value: 'ism_vfio_pci' },
      { path: `${device}/driver/unbind`, value: first.bdf },
      { path: '/sys/bus/pci/drivers_probe', value: first.bdf },
    ]);
    assert.equal(await state(first), 'ism\n(null)');
  });

  it('counts a connection, refuses to cut it, and goes on refusing what only lingers', async () => {
    const [before] = await live.host.plan([first.bdf]);
    const { client } = await connection();
    const { smc, state: now } = await usage(first);
    assert.deepEqual([now, smc.linkGroups, smc.connections, smc.lingering], ['in-use', 1, 1, 0]);
    assert.equal((await usage(second)).state, 'free');

    const stale = await failure(live.host.bind(first.bdf, { plan: before?.plan ?? '' }));
    assert.equal(stale.failure.code, 'plan-stale');
    const refused = await failure(live.host.bind(first.bdf));
    assert.equal(refused.failure.code, 'in-use');
    assert.match(refused.message, /1 SMC-D link group with 1 connection now/);
    assert.equal(await state(first), 'ism\n(null)');
    assert.equal(await client.ask('1000'), 'same');

    await client.end();
    let lingering = await usage(first);
    for (let tries = 0; lingering.smc.connections !== 0 && tries < 50; tries++)
      lingering = await usage(first);
    assert.deepEqual(
      [lingering.state, lingering.smc.linkGroups, lingering.smc.connections, lingering.smc.lingering],
      ['in-use', 1, 0, 1],
    );
    assert.match((await failure(live.host.bind(first.bdf))).message, /without connections/);
  });

  it('binds what is in use when it is forced, and restores exactly what was there', async () => {
    const [plan] = await live.host.plan([first.bdf]);
    assert.equal(plan?.gravest, 'force');
    const bound = await live.host.bind(first.bdf, { force: true, plan: plan.plan });
    assert.equal(bound.driver, 'ism_vfio_pci');
    assert.deepEqual(bound.former, { driver: 'ism', driverOverride: null });
    assert.equal(await state(first), 'ism_vfio_pci\nism_vfio_pci');
    assert.equal((await usage(first)).state, 'free');
    await live.host.restore(first.bdf);
    assert.equal(await state(first), 'ism\n(null)');
  });

  it('answers although the kernel waits for programs to close their sockets, and goes on from there', async () => {
    const { client, server } = await connection();
    const waits = await failure(live.host.bind(first.bdf, { force: true }));
    assert.equal(waits.failure.code, 'EINPROGRESS');
    assert.match(
      waits.message,
      /is still in progress: .* close their SMC sockets\. Retry when the list shows no driver\./,
    );
    assert.equal(await server.next(), 'accepted');
    assert.equal(await server.next(), 'end'); // the far side saw an ordinary end
    assert.equal((await usage(first)).state, 'in-use');
    const [plan] = await live.host.plan([first.bdf]);
    assert.equal(plan?.gravest, 'refuse');
    assert.match(plan.warnings[0]?.message ?? '', /is still being unbound/);

    const ended = performance.now();
    await client.end();
    await live.seen(() => live.host.find(first.bdf).driver === null, ended);
    for (let tries = 0; (await usage(first)).state !== 'free' && tries < 50; tries++);
    const bound = await live.host.bind(first.bdf);
    assert.deepEqual(bound.former, { driver: 'ism', driverOverride: null });
    await live.host.restore(first.bdf);
    assert.equal(await state(first), 'ism\n(null)');
  });

  it('brings back what was there when the driver does not take the function', async () => {
    // Loaded, and for PCI functions of another kind: its probe fails.
    assert.equal(await near.run('[ -e /sys/bus/pci/drivers/virtio-pci ] && echo there'), 'there');
    const failed = await failure(live.host.bind(second.bdf, { driver: 'virtio-pci' }));
    assert.equal(failed.failure.code, 'not-bound');
    assert.match(failed.message, /did not bind .*; the former driver was restored/);
    assert.equal(await state(second), 'ism\n(null)');
  });

  it('names the process that has the vfio device open, and refuses to unbind it even when forced', async () => {
    await live.host.bind(second.bdf);
    const shell = await near.converse(`/tmp/vfioShell ${second.bdf}`);
    assert.match(await shell.next(), /^open/);
    const { state: now, vfio } = await usage(second);
    assert.equal(now, 'in-use');
    assert.deepEqual(
      vfio.holders.map(({ comm, here }) => [comm, here]),
      [['vfioShell', false]],
    );
    const pid = vfio.holders[0]?.pid ?? 0;
    assert.equal(await near.run(`cat /proc/${pid}/comm`), 'vfioShell');
    const refused = await failure(live.host.bind(second.bdf, { driver: 'vfio-pci', force: true }));
    assert.match(refused.message, new RegExp(`open in another process.*vfioShell \\(pid ${pid}\\)`));
    assert.match((await failure(live.host.restore(second.bdf))).message, /vfioShell/);
    await shell.end();
    await live.host.bind(second.bdf, { driver: 'vfio-pci' });
    assert.equal(await state(second), 'vfio-pci\nvfio-pci');
    await live.host.restore(second.bdf);
    assert.equal(await state(second), 'ism\n(null)');
  });

  it('shows who has it open to itself', async () => {
    await live.host.bind(second.bdf);
    await live.host.open(second.bdf);
    const { vfio } = await usage(second);
    assert.deepEqual([vfio.state, vfio.holders.map(({ here }) => here)], ['in-use', [true]]);
    await live.host.restore(second.bdf);
  });
};

if (possible) describe('a function in use', inUse);
