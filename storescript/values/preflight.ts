/**
 * What can be said about a store before it is sent. The limits are those of drivers/vfio/pci/ism/main.c; the helper
 * checks them again on the host. Alignment only warns: ISM has relaxed alignment rules, its maintainers say.
 */
import { PLAIN_DRIVER, type StoreRule } from '../../protocol/helper';
import { hex } from './hexInput';

/** The part of a region that limits a store. Sizes and offsets are bytes. */
export interface StoreTarget {
  readonly regionSize: bigint;
  /** From VFIO_DEVICE_INFO_CAP_ZPCI_GROUP, undefined when the kernel did not say. */
  readonly imaxstbl: number | undefined;
  /** How many bytes the driver's offsets leave for the region; undefined where the function was not asked. */
  readonly window?: bigint | undefined;
  /** Index of the region and driver of the function, where they are known. */
  readonly region?: number | undefined;
  readonly driver?: string | undefined;
}

/** `refusal`: the driver would not carry it out as asked. `warnings`: it may be refused by the function. */
export interface Preflight {
  readonly refusal?: { readonly rule: StoreRule; readonly text: string };
  readonly warnings: readonly string[];
}

/** ism-vfio-pci's own bound, whatever the function reports. */
const DRIVER_MAX = 4096;
const BLOCK = 4096n;
/** BAR0, the move space. */
const MOVE_REGION = 0;

/** What limits stores to a region of an open function. */
export function storeTarget(
  region: { readonly index: number; readonly size: string; readonly window: string },
  device: { readonly driver: string; readonly zpci: { readonly imaxstbl?: number | undefined } },
): StoreTarget {
  return {
    regionSize: BigInt(region.size),
    imaxstbl: device.zpci.imaxstbl,
    window: BigInt(region.window),
    region: region.index,
    driver: device.driver,
  };
}

/** Checks one store of `length` bytes to `offset` of a region. */
export function preflight(target: StoreTarget, offset: bigint, length: number): Preflight {
  const no = (rule: StoreRule, text: string): Preflight => ({ refusal: { rule, text }, warnings: [] });
  const limit = Math.min(DRIVER_MAX, target.imaxstbl ?? DRIVER_MAX);
  const end = offset + BigInt(length);
  if (target.region === MOVE_REGION && target.driver === PLAIN_DRIVER)
    return no(
      'store-needs-ism-driver',
      'A store to BAR0 cannot work under vfio-pci, which splits it into stores of at most 8 bytes; bind the function to ism_vfio_pci.',
    );
  if (length === 0) return no('store-empty', 'A store needs at least one byte.');
  if (length > limit)
    return no(
      'store-too-long',
      limit === DRIVER_MAX
        ? `${length} bytes are more than the ${DRIVER_MAX} that ism-vfio-pci takes in one store.`
        : `${length} bytes are more than this function's imaxstbl of ${limit}.`,
    );
  if (offset >= target.regionSize)
    return no('store-past-end', `Offset ${hex(offset)} is past the region's end, ${hex(target.regionSize)}.`);
  if (end > target.regionSize)
    return no(
      'store-clipped',
      `Only ${String(target.regionSize - offset)} of the ${length} bytes lie inside the region; the driver would store those alone.`,
    );
  const room = BLOCK - (offset % BLOCK);
  if (BigInt(length) > room)
    return no(
      'store-crosses-page',
      `${length} bytes at ${hex(offset)} cross a 4 KiB boundary; at most ${String(room)} fit there.`,
    );
  if (target.window !== undefined && end > target.window)
    return no(
      'store-past-window',
      `${length} bytes at ${hex(offset)} would reach another region: the offsets of the driver leave ${hex(target.window)} bytes for this one.`,
    );
  const warnings: string[] = [];
  if (offset % 8n !== 0n)
    warnings.push('The offset is not a multiple of 8; the architecture asks for that, ISM may allow it.');
  if (length % 8 !== 0)
    warnings.push(
      `${length} bytes are not a multiple of 8; the architecture asks for that, ISM may allow it.`,
    );
  return { warnings };
}
