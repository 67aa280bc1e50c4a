/**
 * Around the end of every region's window, under vfio-pci and under ism_vfio_pci: what the helper refuses reaches neither the
 * device nor its configuration space, by store, burst, script, DMB store or read.
 */
import assert from 'node:assert/strict';
import { startLab, type Lab } from '../../lab/machine/api';
import type { Region } from '../../protocol/helper';
import type { ScriptStep } from '../../protocol/runOperations';
import { HelperError } from '../../client/base/helperErrors';
import { preflight, storeTarget } from '../../storescript/values/preflight';
import { Guest } from '../../lab/machine/guestPrograms';
import { LabHost } from '../support/labHost';
import type { OpenDevice } from '../../client/hosts/openDevices';

const CONFIG = 7;
const x = (value: bigint): string => `0x${value.toString(16)}`;

describe('the windows of regions in the simulated host', () => {
  let lab: Lab;
  let guest: Guest;
  let live: LabHost;

  before(async () => {
    lab = await startLab();
    guest = await Guest.login(lab);
    live = new LabHost(lab);
    await live.host.connect();
  });
  after(async () => {
    live?.end();
    guest?.leave();
    await lab?.stop();
  });

  const configuration = (): Promise<string> =>
    guest.run(`od -An -v -tx1 /sys/bus/pci/devices/${lab.bdf}/config`);

  /** Offsets around a window's end, in the slots of the other regions, and at the ends of 64 bits, each with some lengths. */
  function places(device: OpenDevice, region: Region): [bigint, number][] {
    const window = BigInt(region.window);
    const size = BigInt(region.size);
    const begin = BigInt(region.offset);
    const others = device.regions.flatMap((other) =>
      'error' in other || other.index === region.index ? [] : [BigInt(other.offset)],
    );
    const ends = [window, size, 1n << 40n, 1n << 48n, 1n << 63n, (1n << 63n) - begin].flatMap((end) =>
      [-9n, -8n, -4n, -1n, 0n, 1n, 8n].map((by) => end + by),
    );
    const slots = others.flatMap((at) =>
      [0n, 4n, 0x3cn, 0xffn].map((by) => BigInt.asUintN(64, at - begin + by)),
    );
    const all = [...ends, ...slots, (1n << 64n) - 8n].filter((offset) => offset >= 0n && offset < 1n << 64n);
    return [...new Set(all)].flatMap((offset) =>
      [1, 8, 16].map((length): [bigint, number] => [offset, length]),
    );
  }

  /** What was refused without anything sent; undefined when it was carried out. */
  async function refusal(request: Promise<unknown>): Promise<string | undefined> {
    try {
      await request;
      return undefined;
    } catch (error) {
      assert.ok(error instanceof HelperError, String(error));
      return error.failure.rule ?? error.failure.code;
    }
  }

  async function script(handle: number, step: ScriptStep): Promise<string | undefined> {
    const { loaded } = await live.host.request('script-load', { first: 0, steps: [step] });
    const result = await live.host.request('script-run', { handle, steps: loaded });
    if (result.ended !== 'refused') return undefined;
    assert.equal(result.sent, 0);
    return result.failure?.rule ?? result.failure?.code;
  }

  for (const driver of ['vfio-pci', 'ism_vfio_pci'])
    it(`${driver}: every store, burst, script and read past a window is refused and reaches nothing`, async () => {
      const { host } = live;
      await live.drivers.bind(lab.bdf, { driver });
      const device = await host.open(lab.bdf);
      const { handle } = device;
      assert.equal(device.driver, driver);
      const stores = lab.readStores().length;
      const before = await configuration();
      let refused = 0;
      let allowed = 0;
      for (const region of device.regions) {
        if ('error' in region || BigInt(region.size) === 0n) continue;
        const plain = driver === 'vfio-pci' && region.index === 0;
        if (driver === 'vfio-pci') assert.equal(region.window, x(1n << 40n), `region ${region.index}`);
        for (const [offset, length] of places(device, region)) {
          const fits: boolean = offset + BigInt(length) <= BigInt(region.window);
          const inside: boolean = offset + BigInt(length) <= BigInt(region.size);
          const may: boolean =
            fits &&
            inside &&
            !plain &&
            preflight({ regionSize: 1n << 64n, imaxstbl: undefined }, offset, length).refusal === undefined;
          const where: string = `${driver} region ${region.index} ${x(offset)} ${length}`;
          const said: string | undefined = preflight(storeTarget(region, device), offset, length).refusal
            ?.rule;
          assert.equal(said === undefined, may, `${where}: the pre-flight says ${said}`);
          // What may be sent is sent by other tests; here nothing is to change.
          const place: { region: number; offset: string } = { region: region.index, offset: x(offset) };
          const data = '5a'.repeat(length);
          if (!may) {
            const single = await refusal(host.request('store', { handle, ...place, data }));
            assert.equal(single, said, where);
            const many = await refusal(host.request('burst', { handle, ...place, data, count: 2 }));
            assert.equal(many, said, `burst ${where}`);
            assert.equal(await script(handle, { do: 'store', ...place, data }), said, `script ${where}`);
            assert.equal(
              await script(handle, { do: 'burst', ...place, data, count: 3 }),
              said,
              `script ${where}`,
            );
            refused++;
          } else allowed++;
          if (!fits) {
            assert.equal(await refusal(host.request('read', { handle, ...place, length })), 'EINVAL', where);
            assert.equal(await script(handle, { do: 'read', ...place, length }), 'EINVAL', where);
          }
        }
        // A burst whose first store is inside and whose last is not.
        const room =
          BigInt(region.window) < BigInt(region.size) ? BigInt(region.window) : BigInt(region.size);
        const burst = {
          region: region.index,
          offset: x(room - 8n),
          data: '5a'.repeat(8),
          count: 2,
          step: '0x8',
        };
        assert.notEqual(await refusal(host.request('burst', { handle, ...burst })), undefined);
      }
      assert.ok(
        refused > 100 && (driver === 'vfio-pci' || allowed > 0),
        `${refused} refused, ${allowed} allowed`,
      );
      console.log(`      ${refused} places refused, ${allowed} left alone`);
      assert.deepEqual(lab.readStores().slice(stores), []);
      assert.equal(await configuration(), before);
      const { data } = await host.request('read', { handle, region: CONFIG, offset: '0x0', length: 4 });
      assert.equal(data, '1410ed04');
      await live.drivers.restore(lab.bdf);
      assert.equal(await configuration(), before);
    });

  it('vfio-pci: a store to BAR0 is refused with what to do', async () => {
    const { host } = live;
    await live.drivers.bind(lab.bdf, { driver: 'vfio-pci' });
    const { handle } = await host.open(lab.bdf);
    await assert.rejects(
      host.request('store', { handle, region: 0, offset: '0x0', data: '5a'.repeat(8) }),
      /cannot work while it is bound to vfio-pci.*; bind it to ism_vfio_pci/,
    );
    await live.drivers.restore(lab.bdf);
  });
});
