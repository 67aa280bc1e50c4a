/**
 * What can be said about a store before it is sent. The limits are those of drivers/vfio/pci/ism/main.c; the helper
 * checks them again on the host. Alignment only warns: ISM has relaxed alignment rules, its maintainers say.
 */
import type { StoreRule } from '../../protocol/helper';

/** The part of a region that limits a store. Sizes and offsets are bytes. */
export interface StoreTarget {
  readonly regionSize: bigint;
  /** From VFIO_DEVICE_INFO_CAP_ZPCI_GROUP, undefined when the kernel did not say. */
  readonly imaxstbl: number | undefined;
}

/** `refusal`: the driver would not carry it out as asked. `warnings`: it may be refused by the function. */
export interface Preflight {
  readonly refusal?: { readonly rule: StoreRule; readonly text: string };
  readonly warnings: readonly string[];
}

/** ism-vfio-pci's own bound, whatever the function reports. */
const DRIVER_MAX = 4096;
const BLOCK = 4096n;

/** Checks one store of `length` bytes to `offset` of a region. */
export function preflight(target: StoreTarget, offset: bigint, length: number): Preflight {
  const no = (rule: StoreRule, text: string): Preflight => ({ refusal: { rule, text }, warnings: [] });
  const limit = Math.min(DRIVER_MAX, target.imaxstbl ?? DRIVER_MAX);
  const end = offset + BigInt(length);
  if (length === 0) return no('store-empty', 'A store needs at least one byte.');
  if (length > limit)
    return no(
      'store-too-long',
      limit === DRIVER_MAX
        ? `${length} bytes are more than the ${DRIVER_MAX} that ism-vfio-pci takes in one store.`
        : `${length} bytes are more than this function's imaxstbl of ${limit}.`,
    );
  if (offset >= target.regionSize)
    return no(
      'store-past-end',
      `Offset 0x${offset.toString(16)} is past the region's end, 0x${target.regionSize.toString(16)}.`,
    );
  if (end > target.regionSize)
    return no(
      'store-clipped',
      `Only ${target.regionSize - offset} of the ${length} bytes lie inside the region; the driver would store those alone.`,
    );
  const room = BLOCK - (offset % BLOCK);
  if (BigInt(length) > room)
    return no(
      'store-crosses-page',
      `${length} bytes at 0x${offset.toString(16)} cross a 4 KiB boundary; at most ${room} fit there.`,
    );
  const warnings: string[] = [];
  if (offset % 8n !== 0n)
    warnings.push(`The offset is not a multiple of 8; the architecture asks for that, ISM may allow it.`);
  if (length % 8 !== 0)
    warnings.push(
      `${length} bytes are not a multiple of 8; the architecture asks for that, ISM may allow it.`,
    );
  return { warnings };
}
