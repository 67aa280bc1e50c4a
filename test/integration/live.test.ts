/**
 * The list of functions follows the kernel by itself: bind, unbind, hot plug, and more messages than can be read. What the
 * region audit says of vfio-pci is what vfio-pci says.
 */
import assert from 'node:assert/strict';
import { auditRegions } from '../../client/audit/regionAudit';
import { startLab, type Lab } from '../../lab/machine/api';
import { Guest } from '../../lab/machine/guestPrograms';
import { LabHost } from '../support/labHost';

describe('the list of functions follows the kernel', () => {
  let lab: Lab;
  let guest: Guest;
  let live: LabHost;
  const device = (): string => `/sys/bus/pci/devices/${lab.bdf}`;
  const driver = (): string | null => live.host.find(lab.bdf).driver;

  before(async () => {
    lab = await startLab();
    guest = await Guest.login(lab);
    live = new LabHost(lab);
    await live.host.connect();
    assert.equal(live.host.watchError, undefined);
  });
  after(async () => {
    live?.end();
    guest?.leave();
    await lab?.stop();
  });

  /** The guest says when it had written, in its own session, so that what is measured is an upper limit. */
  async function shows(command: string, wanted: () => boolean): Promise<number> {
    const before = live.changes;
    const seen = guest.run(command).then(() => live.seen(wanted, performance.now()));
    const milliseconds = await seen;
    assert.ok(live.changes > before, 'the explorer was not told');
    return milliseconds;
  }

  it('shows a bind and an unbind', async () => {
    await guest.run(`echo ism_vfio_pci > ${device()}/driver_override`);
    const bound = await shows(
      `echo ${lab.bdf} > /sys/bus/pci/drivers_probe`,
      () => driver() === 'ism_vfio_pci' && live.host.find(lab.bdf).vfio.state === 'ready',
    );
    const unbound = await shows(`echo ${lab.bdf} > ${device()}/driver/unbind`, () => driver() === null);
    await guest.run(`echo > ${device()}/driver_override`);
    console.log(`      seen after ${bound.toFixed(0)} and ${unbound.toFixed(0)} ms`);
  });

  it('shows a function that is plugged in, at its place in the list', async () => {
    const before = live.host.functions.map((fn) => fn.address);
    const added = await lab.addFunction();
    const milliseconds = await live.seen(
      (host) => host.functions.some((fn) => fn.address === added.bdf),
      performance.now(),
    );
    console.log(`      seen after ${milliseconds.toFixed(0)} ms`);
    assert.deepEqual(
      live.host.functions.map((fn) => fn.address),
      [...before, added.bdf].sort(),
    );
  });

  it('asks for the list once or twice, however many messages come at once', async () => {
    const asked = (): number => live.report.filter((line) => line.startsWith('event: function')).length;
    const before = asked();
    // Synthetic events are the kernel's own too (Documentation/ABI/testing/sysfs-uevent).
    await guest.run(`for i in $(seq 50); do echo change > ${device()}/uevent; done`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const events = asked() - before;
    assert.ok(events >= 1 && events <= 6, `${events} events for 50 messages`);
  });

  it('looks at everything after more messages than could be read', async () => {
    const find =
      'for p in /proc/[0-9]*; do case $(readlink $p/exe) in *ism-helper*) basename $p;; esac; done';
    const pid = await guest.run(find);
    assert.match(pid, /^\d+$/);
    await guest.run(`kill -STOP ${pid}`);
    await guest.run(
      `i=0; while [ $i -lt 2500 ]; do echo change > ${device()}/uevent; i=$((i+1)); done; ` +
        `echo ism_vfio_pci > ${device()}/driver_override; echo ${lab.bdf} > /sys/bus/pci/drivers_probe`,
    );
    await guest.run(`kill -CONT ${pid}`);
    const milliseconds = await live.seen(() => driver() === 'ism_vfio_pci', performance.now());
    assert.ok(live.report.includes('event: overflow'), live.report.slice(-5).join('\n'));
    console.log(`      seen after ${milliseconds.toFixed(0)} ms`);
    await shows(
      `echo > ${device()}/driver_override; echo ${lab.bdf} > ${device()}/driver/unbind`,
      () => driver() === null,
    );
  });

  it('answers requests while messages pour in', async () => {
    const storm = guest.run(`for i in $(seq 1500); do echo change > ${device()}/uevent; done`);
    const times: number[] = [];
    for (let i = 0; i < 30; i++) {
      const from = performance.now();
      await live.host.request('describe', { address: lab.bdf });
      times.push(performance.now() - from);
    }
    await storm;
    times.sort((a, b) => a - b);
    console.log(`      median ${times[15]?.toFixed(0)} ms, longest ${times[29]?.toFixed(0)} ms`);
    assert.ok((times[15] ?? Infinity) < 1000);
  });

  it('stops when it is told to', async () => {
    await live.host.request('unwatch', {});
    const before = live.report.length;
    await guest.run(`echo change > ${device()}/uevent`);
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.deepEqual(live.report.slice(before), []);
    await live.host.request('watch', {});
    await guest.run(`echo change > ${device()}/uevent`);
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.deepEqual(live.report.slice(before), [`event: function change ${lab.bdf}`]);
  });

  it('has in the column of vfio-pci what the live vfio-pci answers, for every index', async () => {
    const { host } = live;
    await live.drivers.bind(lab.bdf, { driver: 'vfio-pci' });
    const { numRegions, regions } = await host.open(lab.bdf);
    const { resources, function: fn } = await host.request('describe', { address: lab.bdf });
    assert.equal(fn.driver, 'vfio-pci');
    // The file in sysfs has the size that the kernel found (drivers/pci/pci-sysfs.c), which is what vfio-pci tells.
    const ofConfigurationSpace = BigInt(await guest.run(`stat -c %s ${device()}/config`));
    const rows = auditRegions(regions, resources);
    assert.deepEqual(
      rows.map(({ answer }) => answer.index),
      Array.from({ length: numRegions + 2 }, (_, index) => index),
    );
    for (const { answer, plain, kind } of rows) {
      const where = `index ${answer.index}: ${JSON.stringify(answer)}`;
      assert.equal(kind, 'same', where);
      if ('error' in answer || 'error' in plain) {
        assert.equal('error' in answer && answer.error, 'error' in plain && plain.error, where);
        continue;
      }
      assert.equal(BigInt(answer.offset), plain.offset, where);
      assert.equal(BigInt(answer.size), plain.size ?? ofConfigurationSpace, where);
      assert.equal(answer.flags, plain.access === 'rw' ? 3 : 0, where);
    }
    await live.drivers.restore(lab.bdf);
    assert.equal(driver(), null);
  });
});
