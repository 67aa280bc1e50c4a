/** Everything that is known of a function, named as s390-tools name it. */
import type { Description, IsmFunction, Usage, ZpciInfo } from '../../protocol/helper';
import { neutralise } from '../../protocol/remoteText';
import { pciIds, stateWords } from './describe';
import { ebcdicText } from './ebcdic';

export interface Fact {
  /** Stable, for ids of rows. */
  readonly key: string;
  readonly name: string;
  readonly value: string;
}

/**
 * What sysfs says, and with `more` what takes a request or an open device: class, util string, users, function handle, limits.
 * Facts that the kernel does not have are left out.
 */
export function facts(
  fn: IsmFunction,
  more: { readonly description?: Description; readonly zpci?: ZpciInfo; readonly usage?: Usage } = {},
): Fact[] {
  const { description, zpci, usage } = more;
  const node = fn.vfio.node ? `, ${fn.vfio.node}` : '';
  const all: [key: string, name: string, value: string | number | null | undefined][] = [
    ['address', 'PCI address', fn.address],
    ['ids', 'PCI ids', pciIds(fn)],
    ['fid', 'Function ID (FID)', fn.fid],
    ['uid', 'UID', fn.uid],
    ['pchid', 'PCHID', fn.pchid],
    ['pft', 'Function type (PFT)', fn.pft],
    ['pfgid', 'Function group (PFGID)', fn.pfgid],
    ['vfn', 'Virtual function number', fn.vfn],
    ['port', 'Port', fn.port],
    ['handle', 'Function handle', zpci?.functionHandle],
    ['util', 'Util string', description && utilString(description.utilString)],
    ['class', 'Class', description?.class],
    ['subsystem', 'Subsystem', description?.subsystem],
    ['mio', 'MIO enabled', fn.mioEnabled],
    ['unique', 'UID is unique', fn.uidIsUnique],
    ['group', 'IOMMU group', fn.iommuGroup],
    ['driver', 'Driver', fn.driver ?? 'none'],
    ['override', 'Driver override', fn.driverOverride],
    ['change', 'Change of driver', changeWords(fn)],
    ['unread', 'Not answered in time', fn.unread.join(', ')],
    ['vfio', 'vfio', `${stateWords(fn.vfio.state)}${node}`],
    ['use', 'In use by', users(fn, usage).join('; ')],
    ['imaxstbl', 'Longest store (imaxstbl)', zpci?.imaxstbl],
    ['dma', 'DMA addresses', zpci?.startDma && zpci.endDma && `${zpci.startDma} – ${zpci.endDma}`],
  ];
  return all.flatMap(([key, name, value]) =>
    value === null || value === undefined || value === ''
      ? []
      : [{ key, name, value: neutralise(String(value)) }],
  );
}

/** That a change of the driver has not ended, or never will: the helper that began it was killed. */
function changeWords(fn: IsmFunction): string | undefined {
  if (fn.change === 'running') return 'the kernel or another helper is at it';
  if (fn.change === 'none') return undefined;
  return 'did not end: the override names another driver than the function has; bind or restore it';
}

/** Who uses a function; what cannot be known is said, since it may be in use. */
function users(fn: IsmFunction, usage: Usage | undefined): string[] {
  const here = fn.vfio.state === 'open' ? ['this window'] : [];
  if (!usage) return here;
  const { vfio, smc } = usage;
  const others = vfio.holders.filter(({ here: ours }) => !ours);
  return [
    ...here,
    ...others.map(({ comm, pid }) => `${comm} (PID ${pid})`),
    ...(vfio.state === 'unknown' ? [`perhaps others: ${vfio.why ?? 'unknown'}`] : []),
    ...(smc.state === 'in-use'
      ? [`SMC-D: ${smc.linkGroups ?? '?'} link groups, ${smc.connections ?? '?'} connections`]
      : smc.state === 'unknown'
        ? [`perhaps SMC-D: ${smc.why ?? 'unknown'}`]
        : []),
  ];
}

/** Hex digits without the bytes of zero at their end. */
function withoutZeros(digits: string): string {
  let end = digits.length;
  while (end >= 2 && digits.slice(end - 2, end) === '00') end -= 2;
  return digits.slice(0, end);
}

/** As text where it is EBCDIC text, else its hex digits. */
function utilString(digits: string | null): string | null {
  if (digits === null) return null;
  return ebcdicText(Buffer.from(digits, 'hex')) ?? withoutZeros(digits);
}
