/** A loopback's result as text: a table with a line for every size, and what its figures mean. */
import { t } from '../base/l10n';
import { neutralise } from '../../protocol/remoteText';
import { hex } from '../../storescript/values/hexInput';
import type { LoopbackEnd, LoopbackResult, LoopbackRow } from './loopback';

/** Indices that a mask of 16 bits names, the highest bit being index 0. */
export function indicesOf(mask: number): number[] {
  return Array.from({ length: 16 }, (_, index) => index).filter((index) => mask & (0x8000 >> index));
}

const micros = (ns: number | undefined): string => (ns === undefined ? '—' : (ns / 1000).toFixed(1));
const byte = (value: number): string => value.toString(16).padStart(2, '0');
const place = ({ host, fn }: LoopbackEnd): string => t('{0} on {1}', neutralise(fn.address), host.name);

function arrivedWords({ arrived }: LoopbackRow): string {
  switch (arrived.kind) {
    case 'equal':
      return t('equal');
    case 'differs':
      return t(
        'differ at byte {0}: {1} stored, {2} found',
        arrived.at,
        byte(arrived.stored),
        byte(arrived.found),
      );
    case 'unread':
      return t('not read');
  }
}

function interruptWords({ mask, index }: LoopbackRow): string {
  if (mask === undefined) return t('none');
  const indices = indicesOf(mask);
  return indices.length === 1 && indices[0] === index % 16
    ? t('index {0}', index)
    : t('index {0} wanted, mask {1}', index, hex(BigInt(mask)));
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
    return t(
      'Loopback from {0} to {1}: all {2} stores arrived, each with its interrupt.',
      place(plan.from),
      place(plan.to),
      rows.length,
    );
  const good = rows.filter(
    ({ record, arrived }) => record.outcome === 'ok' && arrived.kind === 'equal',
  ).length;
  return t(
    'Loopback from {0} to {1}: {2} of {3} stores arrived; the document has the rest.',
    place(plan.from),
    place(plan.to),
    good,
    plan.sizes.length,
  );
}

/** The whole document. */
export function loopbackText(result: LoopbackResult): string {
  const { plan, dmb, userGid, rows, clock, left, time } = result;
  const head = [
    t('bytes'),
    t('store'),
    t('in the buffer'),
    t('interrupt'),
    t('pwrite µs'),
    clock === 'host' ? t('interrupt after µs') : t('heard here after µs'),
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
    t('DMB loopback, {0}', time),
    '',
    t('Stores from {0}, GID {1}', place(plan.from), userGid),
    t('into a buffer of {0}, GID {1}', place(plan.to), dmb.gid),
    t('{0} bytes, token {1}, each store at {2}', dmb.size, dmb.token, hex(BigInt(plan.offset))),
    '',
    ...table,
    '',
    ...notes(result),
    left === undefined
      ? t('The buffer, its event queue and its signal bits are unregistered.')
      : t('The buffer could not be unregistered: {0}. The helper does it when it ends.', left),
    '',
  ].join('\n');
}

function notes({ plan, rows, clock }: LoopbackResult): string[] {
  const troubles = rows
    .filter(({ record }) => record.outcome !== 'ok')
    .map(({ size, sentence }) => t('{0} bytes: {1}', size, sentence));
  const unread = rows.flatMap(({ arrived }) => (arrived.kind === 'unread' ? [arrived.why] : []));
  const missing = plan.sizes.length - rows.length;
  return [
    ...troubles,
    ...unread,
    ...(missing > 0 ? [t('{0} sizes were not stored.', missing)] : []),
    t('Random bytes, one pwrite each, never repeated; every store is in the journal.'),
    ...(clock === 'host'
      ? [
          t("Both times are of the host's CLOCK_MONOTONIC: that of pwrite alone,"),
          t('and from before it until the helper saw the interrupt.'),
        ]
      : [
          t('pwrite is timed by the clock of its host. Two hosts have no clock in common:'),
          t('the last column is from before the request was sent until this window heard of'),
          t('the interrupt, by its own clock, and has both links in it.'),
        ]),
  ];
}
