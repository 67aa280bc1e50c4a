/** How functions and regions are worded in the explorer, in s390-tools' vocabulary. */
import type { IsmFunction, RegionAnswer, VfioState } from '../../protocol/helper';
import { neutralise } from '../../protocol/remoteText';

const strip = (value: string): string => neutralise(value).replace(/^0x/, '');

/** `1014:04ed`, the PCI ids as lspci writes them. */
export const pciIds = (fn: IsmFunction): string => `${strip(fn.vendor)}:${strip(fn.device)}`;

/** How far a function is on its way to be used through vfio. */
export const stateWords = (state: VfioState): string =>
  ({
    unbound: 'not bound to vfio',
    'no-node': 'no vfio file on the host',
    'no-access': 'no access to the vfio device',
    ready: 'vfio ready',
    open: 'open in this window',
  })[state];

/** A FID without the zeros that sysfs pads it with, `0x61`. */
const shortFid = (fid: string | null): string => (fid ? neutralise(fid).replace(/^0x0+(?=.)/, '0x') : '?');

/** The grey text behind a function, what changes most first because a narrow view cuts the end. */
export function functionDescription(fn: IsmFunction): string {
  return [
    `FID ${shortFid(fn.fid)}`,
    fn.driver ? neutralise(fn.driver) : 'no driver',
    stateWords(fn.vfio.state),
    pciIds(fn),
  ].join(' · ');
}

/** What gives a user access to a vfio file for good (a udev rule) and for now (a command). */
export function accessAdvice(node: string): string {
  const cdev = node.includes('/devices/');
  const match = cdev ? 'SUBSYSTEM=="vfio-dev"' : 'SUBSYSTEM=="vfio", KERNEL=="[0-9]*"';
  // The device file is of use only together with an iommufd.
  const iommu = cdev ? ['SUBSYSTEM=="misc", KERNEL=="iommu", GROUP="vfio", MODE="0660"'] : [];
  const file = neutralise(node);
  return [
    `This user may not open ${file}. For good, a udev rule on the host:`,
    `${match}, GROUP="vfio", MODE="0660"`,
    ...iommu,
    `For now, as root there: chgrp vfio ${file} && chmod 660 ${file}`,
    'The user must be in the group vfio.',
  ].join('\n');
}

/** VFIO_PCI_*_REGION_INDEX of include/uapi/linux/vfio.h. */
export function regionName(index: number): string {
  if (index <= 5) return `BAR${index}`;
  return { 6: 'ROM', 7: 'Config space', 8: 'VGA' }[index] ?? `Region ${index}`;
}

/**
 * Whether a refused index deserves attention. vfio-pci itself answers EINVAL past num_regions, and for VGA on a
 * function without one (drivers/vfio/pci/vfio_pci_core.c); an index below num_regions it answers with size 0.
 */
export function isOddRefusal(answer: RegionAnswer, numRegions: number): boolean {
  return 'error' in answer && answer.index < numRegions && answer.index !== VGA;
}

/** VFIO_PCI_VGA_REGION_INDEX. */
const VGA = 8;

/** The grey text behind a region: its size and access, or that the driver refuses it and whether that is usual. */
export function regionDescription(answer: RegionAnswer, numRegions = Infinity): string {
  if ('error' in answer) {
    const refused = `refused with ${neutralise(answer.error)}`;
    if (answer.index >= numRegions) return `${refused} · past num_regions ${numRegions}`;
    return answer.index === VGA ? `${refused} · ${'as by vfio-pci'}` : refused;
  }
  const size = BigInt(answer.size);
  if (size === 0n) return 'not implemented';
  const access = [
    answer.flags & 1 ? 'read' : '',
    answer.flags & 2 ? 'write' : '',
    answer.flags & 4 ? 'mmap' : '',
  ];
  return `${sizeWords(size)} · ${access.filter(Boolean).join(', ') || 'no access'}`;
}

/** A size in the largest binary unit that divides it. */
export function sizeWords(bytes: bigint): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let unit = 0;
  while (bytes >= 1024n && bytes % 1024n === 0n && unit < units.length - 1) {
    bytes /= 1024n;
    unit++;
  }
  return `${bytes} ${units[unit]}`;
}

export const isWritable = (answer: RegionAnswer): boolean =>
  !('error' in answer) && (answer.flags & 2) !== 0 && BigInt(answer.size) > 0n;

export const isReadable = (answer: RegionAnswer): boolean =>
  !('error' in answer) && (answer.flags & 1) !== 0 && BigInt(answer.size) > 0n;
