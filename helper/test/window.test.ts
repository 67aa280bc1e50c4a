/** Where stores and reads of a region may go, for layouts that drivers have and for such that they should not have. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { openSetup } from '../../setup/context';
import { buildHelperProbe } from '../build';
import type { Probe } from './probeHelper';

const BAR0 = 1n << 48n;
const x = (value: bigint): string => `0x${value.toString(16)}`;

describe('the window of a region', () => {
  let probe: Probe;
  before(async function () {
    this.timeout(120_000);
    probe = await buildHelperProbe(openSetup({ say: () => undefined }), process.cwd(), 'windowProbe');
  });

  type Layout = readonly (readonly [index: number, offset: bigint, size: bigint])[];
  /** @returns the window, and of each question what a store and a read are answered */
  function ask(driver: string, index: number, layout: Layout, ...questions: [bigint, number][]): string[] {
    const regions = layout.map(([i, offset, size]) => `${i}=${x(offset)},${x(size)}`);
    const asked = questions.map(([offset, length]) => `${x(offset)}:${length}`);
    const run = spawnSync(probe.path, [driver, String(index), ...regions, '--', ...asked], {
      encoding: 'utf8',
      env: { ...process.env, ...probe.env },
    });
    assert.equal(run.status, 0, run.stderr);
    return run.stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/^0x[0-9a-f]+:\d+ /, ''));
  }
  const layout = (shift: bigint, sizes: readonly bigint[]): Layout =>
    sizes.map((size, i) => [i, BigInt(i) << shift, size] as const);
  const ISM = [BAR0, 0n, 0x1000n, 0n, 0x1000n, 0n, 0n, 0x100n, 0n];

  it('is the stride of ism_vfio_pci and ends with BAR0', () => {
    const last = BAR0 - 8n;
    assert.deepEqual(ask('ism_vfio_pci', 0, layout(48n, ISM), [last, 8], [last, 9], [BAR0, 1]), [
      x(BAR0),
      `${x(last)} ${x(last)}`,
      'store-clipped EINVAL',
      'store-past-end EINVAL',
    ]);
  });

  it('is smaller than BAR0 under vfio-pci, where stores to it are refused', () => {
    const end = 1n << 40n;
    const [window, config, inside, across] = ask(
      'vfio-pci',
      0,
      layout(40n, ISM),
      [0x07000000003cn, 1],
      [end - 8n, 8],
      [end - 8n, 9],
    );
    assert.equal(window, x(end));
    assert.equal(config, 'store-needs-ism-driver EINVAL');
    assert.equal(inside, `store-needs-ism-driver ${x(end - 8n)}`);
    assert.equal(across, 'store-needs-ism-driver EINVAL');
  });

  it('ends where the next region begins, for any size', () => {
    const tight: Layout = [
      [0, 0n, BAR0],
      [2, 0x10000n, 0x1000n],
      [7, 0x11000n, 0x100n],
      [1, 0x8000n, 0n], // not implemented, but its place is not BAR0's
    ];
    assert.deepEqual(ask('my_ism', 0, tight, [0x7ff8n, 8], [0x7ffcn, 8], [0x8000n, 1], [0x10000n, 8]), [
      '0x8000',
      '0x7ff8 0x7ff8',
      'store-crosses-page EINVAL',
      'store-past-window EINVAL',
      'store-past-window EINVAL',
    ]);
    // A read across the region's end goes to the driver only where nothing follows.
    const read = ask('my_ism', 2, tight, [0xff8n, 16]);
    assert.deepEqual(read, ['0x1000', 'store-clipped EINVAL']);
    assert.deepEqual(ask('my_ism', 7, tight, [0xf8n, 16])[1], 'store-clipped 0x110f8');
  });

  it('ignores refused regions and stays inside the slot of the driver', () => {
    const alone: Layout = [[2, 2n << 40n, 1n << 44n]];
    const end = 1n << 40n;
    assert.deepEqual(ask('vfio-pci', 2, alone, [end - 4n, 4], [end, 4]), [
      x(end),
      `${x((3n << 40n) - 4n)} ${x((3n << 40n) - 4n)}`,
      'store-past-window EINVAL',
    ]);
  });

  it('is empty where an offset means two regions or none', () => {
    const twice: Layout = [
      [0, 0n, 0x1000n],
      [2, 0n, 0x1000n],
    ];
    assert.deepEqual(ask('ism_vfio_pci', 0, twice, [0n, 8]), ['0x0', 'store-region-not-writable EINVAL']);
    assert.equal(ask('ism_vfio_pci', 2, [[2, 1n << 63n, 0x1000n]])[0], '0x0');
    assert.equal(ask('ism_vfio_pci', 2, [[2, (1n << 64n) - 0x1000n, 0x1000n]])[0], '0x0');
  });

  it('ends at 63 bits of position', () => {
    const high: Layout = [[2, (1n << 63n) - 16n, 0x1000n]];
    assert.deepEqual(ask('ism_vfio_pci', 2, high, [8n, 8], [9n, 8], [16n, 1]), [
      '0x10',
      `${x((1n << 63n) - 8n)} ${x((1n << 63n) - 8n)}`,
      'store-past-window EINVAL',
      'store-past-window EINVAL',
    ]);
  });
});
