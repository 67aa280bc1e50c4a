import assert from 'node:assert/strict';
import { preflight, type StoreTarget } from './preflight';

const BAR0 = { regionSize: 1n << 48n, imaxstbl: 4096 };
const STOCK = { regionSize: 1n << 48n, imaxstbl: 128 };
const BAR2 = { regionSize: 4096n, imaxstbl: 4096 };
/** As vfio-pci answers: regions are 1 << 40 apart, whatever their size. */
const PLAIN = { regionSize: 1n << 48n, imaxstbl: 4096, window: 1n << 40n, region: 2, driver: 'vfio-pci' };
const PLAIN_BAR0 = { ...PLAIN, region: 0 };
const OWN = { ...PLAIN, region: 0, driver: 'ism_vfio_pci', window: 1n << 48n };
const SILENT = { regionSize: 1n << 48n, imaxstbl: undefined };

describe('pre-flight of a store', () => {
  // The answers of the real driver are in the lab's table; these are the same limits, named before sending.
  const cases: [string, StoreTarget, bigint, number, string | undefined, number][] = [
    ['64 bytes', BAR0, 0x123456789000n, 64, undefined, 0],
    ['8 bytes', BAR0, 0n, 8, undefined, 0],
    ['a whole block', BAR0, 0x1000n, 4096, undefined, 0],
    ['one byte too many', BAR0, 0x1000n, 4097, 'store-too-long', 0],
    ['4096 where imaxstbl is 128', STOCK, 0n, 4096, 'store-too-long', 0],
    ['128 where imaxstbl is 128', STOCK, 0n, 128, undefined, 0],
    ['4096 where imaxstbl is not known', SILENT, 0n, 4096, undefined, 0],
    ['4097 where imaxstbl is not known', SILENT, 0n, 4097, 'store-too-long', 0],
    ['nothing', BAR0, 0n, 0, 'store-empty', 0],
    ['up to the boundary', BAR0, 0xfc0n, 64, undefined, 0],
    ['over the boundary', BAR0, 0xfc8n, 64, 'store-crosses-page', 0],
    ['the last bytes of a region', BAR2, 0xff0n, 16, undefined, 0],
    ['over the end of a region', BAR2, 0xff0n, 32, 'store-clipped', 0],
    ['at the end of a region', BAR2, 0x1000n, 16, 'store-past-end', 0],
    ['far past the end', BAR0, 0xffffffffffffffffn, 8, 'store-past-end', 0],
    ['an unaligned offset only warns', BAR0, 4n, 16, undefined, 1],
    ['a length that is no multiple of 8 only warns', BAR0, 0n, 12, undefined, 1],
    ['both', BAR0, 1n, 3, undefined, 2],
    ['the last bytes of a window', PLAIN, (1n << 40n) - 8n, 8, undefined, 0],
    ['the first bytes behind a window', PLAIN, 1n << 40n, 8, 'store-past-window', 0],
    ['another slot', PLAIN, 0x07000000003cn, 1, 'store-past-window', 0],
    ['BAR0 under vfio-pci', PLAIN_BAR0, 0n, 8, 'store-needs-ism-driver', 0],
    ['the end of BAR0 under ism_vfio_pci', OWN, (1n << 48n) - 8n, 8, undefined, 0],
  ];
  for (const [name, target, offset, length, rule, warnings] of cases)
    it(`${name}: ${rule ?? 'goes'}`, () => {
      const result = preflight(target, offset, length);
      assert.equal(result.refusal?.rule, rule);
      assert.equal(result.warnings.length, warnings);
    });
});
