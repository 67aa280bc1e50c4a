/** A loopback's result as text: a table with a line for every size, and what its figures mean. */
import { neutralise } from '../../protocol/remoteText';
import { hex } from '../../storescript/values/hexInput';
import type { LoopbackEnd, LoopbackResult, LoopbackRow } from './loopback';

/** Indices that a mask of 16 bits names, the highest bit being index 0. */
export function indicesOf(mask: number): number[] {
  return Array.from({ length: 16 }, (_, index) => index).filter((index) => mask & (0x8000 >> index));
}

const micros = (ns: number | undefined): string => (ns === undefined ? '—' : (ns / 1000).toFixed(1));
const byte = (value: number): string => value.toString(16).padStart(2, '0');
const place = ({ host, fn }: LoopbackEnd): string => `${neutralise(fn.address)} on ${host.name}`;

function arrivedWords({ arrived }: LoopbackRow): string {
  switch (arrived.kind) {
    case 'equal':
      return 'equal';
    case 'differs':
      return `differ at byte ${arrived.at}: ${byte(arrived.stored)} stored, ${byte(arrived.found)} found`;
    case 'unread':
      return 'not read';
  }
}

function interruptWords({ mask, index }: LoopbackRow): string {
  if (mask === undefined) return 'none';
  const indices = indicesOf(mask);
  return indices.length === 1 && indices[0] === index % 16
    ? `index ${index}`
    : `index ${index} wanted, mask ${hex(BigInt(mask))}`;
}

/** Whether every store was taken, arrived, and interrupted with its index. */
export const isWhole = ({ plan, rows, left }: LoopbackResult): boolean =>
  left === undefined &&
  rows.length === plan.sizes.length &&
  rows.every(
    (row) =>
      row.record.outcome === 'ok' &&
      row.arrived.kind === 'equal' &&
      row.mask !== undefined &&
      indicesOf(row.mask).includes(row.index % 16),
  );

/** The sentence of the notification. */
export function loopbackSentence(result: LoopbackResult): string {
  const { plan, rows } = result;
  if (isWhole(result))
    return `Loopback from ${place(plan.from)} to ${place(plan.to)}: all ${rows.length} stores arrived, each with its interrupt.`;
  const good = rows.filter(
    ({ record, arrived }) => record.outcome === 'ok' && arrived.kind === 'equal',
  ).length;
  return `Loopback from ${place(plan.from)} to ${place(plan.to)}: ${good} of ${plan.sizes.length} stores arrived; the document has the rest.`;
}

/** The whole document. */
export function loopbackText(result: LoopbackResult): string {
  const { plan, dmb, userGid, rows, clock, left, time } = result;
  const head = [
    'bytes',
    'store',
    'in the buffer',
    'interrupt',
    'pwrite µs',
    clock === 'host' ? 'interrupt after µs' : 'heard here after µs',
  ];
  const lines = rows.map((row) => [
    String(row.size),
    row.record.outcome,
    arrivedWords(row),
    interruptWords(row),
    micros(row.record.durationNs),
    micros(row.interruptMs === undefined ? undefined : row.interruptMs * 1e6),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => (line[column] ?? '').length)),
  );
  const numbers = new Set([0, 4, 5]);
  const table = [head, widths.map((width) => '─'.repeat(width)), ...lines].map((line) =>
    line
      .map((text, column) =>
        numbers.has(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [
    `DMB loopback, ${time}`,
    '',
    `Stores from ${place(plan.from)}, GID ${userGid}`,
    `into a buffer of ${place(plan.to)}, GID ${dmb.gid}`,
    `${dmb.size} bytes, token ${dmb.token}, each store at ${hex(BigInt(plan.offset))}`,
    '',
    ...table,
    '',
    ...notes(result),
    left === undefined
      ? 'The buffer, its event queue and its signal bits are unregistered.'
      : `The buffer could not be unregistered: ${left}. The helper does it when it ends.`,
    '',
  ].join('\n');
}

function notes({ plan, rows, clock }: LoopbackResult): string[] {
  const troubles = rows
    .filter(({ record }) => record.outcome !== 'ok')
    .map(({ size, sentence }) => `${size} bytes: ${sentence}`);
  const unread = rows.flatMap(({ arrived }) => (arrived.kind === 'unread' ? [arrived.why] : []));
  const missing = plan.sizes.length - rows.length;
  return [
    ...troubles,
    ...unread,
    ...(missing > 0 ? [`${missing} sizes were not stored.`] : []),
    'Random bytes, one pwrite each, never repeated; every store is in the journal.',
    ...(clock === 'host'
      ? [
          "Both times are of the host's CLOCK_MONOTONIC: that of pwrite alone,",
          'and from before it until the helper saw the interrupt.',
        ]
      : [
          'pwrite is timed by the clock of its host. Two hosts have no clock in common:',
          'the last column is from before the request was sent until this window heard of',
          'the interrupt, by its own clock, and has both links in it.',
        ]),
  ];
}
