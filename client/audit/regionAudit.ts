/**
 * The region audit: what the live driver answers for every index, beside what plain vfio-pci would answer for the same
 * function (vfio_pci_ioctl_get_region_info() of drivers/vfio/pci/vfio_pci_core.c).
 */
import type { Description, RegionAnswer } from '../../protocol/helper';
import { regionName } from '../words/describe';
import { neutralise } from '../../protocol/remoteText';

/** VFIO_PCI_NUM_REGIONS: BARs, ROM, configuration space and VGA. */
const PLAIN_REGIONS = 9;
const ROM = 6;
const CONFIG = 7;
const VGA = 8;
/** VFIO_PCI_OFFSET_SHIFT. */
const PLAIN_SHIFT = 40n;

/** What plain vfio-pci answers; the size of configuration space is the device's own affair. */
export type PlainAnswer =
  | { readonly error: 'EINVAL' }
  | { readonly size: bigint | undefined; readonly access: 'rw' | 'none'; readonly offset: bigint };

/**
 * `odd`: refused where vfio-pci answers, which stops programs that walk all indices. `differs`: answered, but not as
 * vfio-pci would. `same`: as vfio-pci, or refused as it does.
 */
export interface AuditRow {
  readonly answer: RegionAnswer;
  readonly plain: PlainAnswer;
  readonly kind: 'odd' | 'differs' | 'same';
  readonly verdict: string;
}

/** @param resources of the function, from the helper's `describe` */
export function auditRegions(
  regions: readonly RegionAnswer[],
  resources: Description['resources'],
): AuditRow[] {
  return regions.map((answer) => {
    const plain = plainAnswer(answer.index, resources);
    return { answer, plain, ...judge(answer, plain) };
  });
}

/** VFIO_PCI_MMAP is off on s390, so that no BAR is mappable there. */
function plainAnswer(index: number, resources: Description['resources']): PlainAnswer {
  if (index >= PLAIN_REGIONS || index === VGA) return { error: 'EINVAL' };
  const offset = BigInt(index) << PLAIN_SHIFT;
  if (index === CONFIG) return { size: undefined, access: 'rw', offset };
  const resource = resources.find((other) => other.index === index);
  const end = BigInt(resource?.end ?? 0);
  const size = end === 0n ? 0n : end - BigInt(resource?.start ?? 0) + 1n;
  return { size, access: size > 0n && index !== ROM ? 'rw' : 'none', offset };
}

/** Verdicts in few words, since they stand beside the region's name; what they mean is said below the table. */
const VERDICTS = {
  refused: () => 'REFUSED, vfio-pci answers',
  region: () => 'own region',
  size: () => 'own size',
  offset: () => 'own offset',
} as const;

const meanings = (): readonly (readonly [verdict: string, meaning: string])[] => [
  [VERDICTS.refused(), 'programs that walk all indices stop here'],
  [VERDICTS.region(), 'vfio-pci has none'],
  [VERDICTS.size(), 'not that of the PCI resource'],
  [VERDICTS.offset(), 'programs must take it from the driver, as they always should'],
];

function judge(
  answer: RegionAnswer,
  plain: PlainAnswer,
): { readonly kind: AuditRow['kind']; readonly verdict: string } {
  if ('error' in answer)
    return 'error' in plain
      ? { kind: 'same', verdict: 'refused, as by vfio-pci' }
      : { kind: 'odd', verdict: VERDICTS.refused() };
  if ('error' in plain) return { kind: 'differs', verdict: VERDICTS.region() };
  const size = BigInt(answer.size);
  const differences = [
    ...(plain.size !== undefined && size !== plain.size ? [VERDICTS.size()] : []),
    ...(BigInt(answer.offset) !== plain.offset && size > 0n ? [VERDICTS.offset()] : []),
  ];
  return differences.length > 0
    ? { kind: 'differs', verdict: differences.join(', ') }
    : { kind: 'same', verdict: size === 0n ? 'not implemented' : 'as vfio-pci' };
}

/** Flags of VFIO_DEVICE_GET_REGION_INFO as letters: read, write, mmap, capabilities. */
const flagLetters = (flags: number): string =>
  ['r', 'w', 'm', 'c'].map((letter, bit) => (flags & (1 << bit) ? letter : '-')).join('');

const hexWords = (value: bigint): string => `0x${value.toString(16)}`;

function plainWords(plain: PlainAnswer): string {
  if ('error' in plain) return plain.error;
  const size = plain.size === undefined ? 'size of the device' : `${'size'} ${hexWords(plain.size)}`;
  return `${size} ${plain.access === 'rw' ? 'rw--' : '----'} ${'at'} ${hexWords(plain.offset)}`;
}

/** What the document says of the audit as a whole. */
export interface AuditSubject {
  readonly host: string;
  readonly address: string;
  readonly driver: string;
  readonly kernel: string;
  readonly numRegions: number;
  /** ISO 8601. */
  readonly time: string;
}

/** The document, and in which of its lines (from 0) each row stands. */
export interface AuditText {
  readonly text: string;
  readonly lines: readonly number[];
}

export function auditText(subject: AuditSubject, rows: readonly AuditRow[]): AuditText {
  const last = rows.at(-1)?.answer.index ?? 0;
  const head = [
    `VFIO_DEVICE_GET_REGION_INFO of ${neutralise(subject.address)} on ${neutralise(subject.host)}, Linux ${neutralise(subject.kernel)}`,
    `The driver ${neutralise(subject.driver)} says num_regions ${subject.numRegions} and was asked for the indices 0 to ${last}.`,
    subject.time,
    '',
  ];
  const cells = rows.map(({ answer, plain, verdict, kind }) => [
    kind === 'odd' ? '!' : ' ',
    String(answer.index),
    regionName(answer.index),
    verdict,
    ...('error' in answer
      ? [neutralise(answer.error), '', '']
      : [answer.size, flagLetters(answer.flags), answer.offset]),
    plainWords(plain),
  ]);
  const titles = [' ', '#', 'region', 'verdict', 'size', 'flags', 'offset', 'vfio-pci'];
  const table = [titles, ...cells];
  const widths = titles.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const odd = rows.filter((row) => row.kind === 'odd').length;
  const summary =
    odd === 0
      ? 'No index is refused that vfio-pci answers.'
      : odd === 1
        ? '1 index is refused that vfio-pci answers.'
        : `${odd} indexes are refused that vfio-pci answers.`;
  const legend = [
    ...meanings()
      .filter(([verdict]) => rows.some((row) => row.verdict.includes(verdict)))
      .map(([verdict, meaning]) => `${verdict}: ${meaning}.`),
    'flags: r read, w write, m mmap, c capabilities.',
    'vfio-pci: what drivers/vfio/pci/vfio_pci_core.c would answer.',
  ];
  return {
    text: [...head, ...lines, '', ...legend, '', summary, ''].join('\n'),
    lines: rows.map((_, i) => head.length + 1 + i),
  };
}
