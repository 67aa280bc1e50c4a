/** What the helper and the driver would refuse of a store, as far as it shows without the function. */
import { replace, type Diagnostic, type Fix } from './diagnostic';
import type { StatementOf } from './statements';
import { hex, hexOf } from './values/hexInput';
import { preflight, type Preflight } from './values/preflight';

/** BAR0 is the move space of 256 TiB; how large the others are only the function tells. */
const sizeOf = (region: number): bigint => (region === 0 ? 1n << 48n : 1n << 64n);

/** ism-vfio-pci takes no store across a block of this size. */
const BLOCK = 4096n;
const ROM = 6;

/** At most one error, and one hint about alignment. */
export function checkStore(store: StatementOf<'store' | 'burst'>, text: string): Diagnostic[] {
  if (!store.operands) return [];
  const { region, offset, data } = store.operands;
  const length = data.value.data.length;
  if (region.value === ROM)
    return [
      { ...told(region), code: 'store-region-not-writable', message: 'The ROM region cannot be written.' },
    ];
  const target = { regionSize: sizeOf(region.value), imaxstbl: undefined };
  const first = preflight(target, offset.value, length);
  const at = firstRefused(store, (place) => preflight(target, place, length), first);
  if (at) {
    const { rule, text: sentence } = at.refusal;
    const span = { start: offset.start, end: data.end };
    const fix = rule === 'store-crosses-page' && store.kind === 'store' ? split(store, text) : undefined;
    return [{ ...told(span), code: rule, message: sentence, ...(fix ? { fix } : {}) }];
  }
  return first.warnings.slice(0, 1).map((message) => ({
    ...{ start: offset.start, end: data.end, severity: 'hint', code: 'alignment', message },
  }));
}

const told = ({ start, end }: { start: number; end: number }) => ({ start, end, severity: 'error' }) as const;

/** The first of a burst's stores that would be refused: the first that crosses a block, or else the last, which goes farthest. */
function firstRefused(
  { kind, operands }: StatementOf<'store' | 'burst'>,
  look: (place: bigint) => Preflight,
  first: Preflight,
): { readonly refusal: NonNullable<Preflight['refusal']> } | undefined {
  if (first.refusal) return { refusal: first.refusal };
  if (kind !== 'burst' || !operands) return undefined;
  const { offset, count, step, data } = operands;
  if (step === 0n) return undefined;
  for (const index of [crossing(offset.value, step, data.value.data.length, count.value), count.value - 1]) {
    const { refusal } = look(offset.value + BigInt(index) * step);
    if (refusal) return { refusal };
  }
  return undefined;
}

/** Which store of a burst crosses a block first; 0 when none does. Places in blocks repeat after at most as many steps as one has bytes. */
function crossing(offset: bigint, step: bigint, length: number, count: number): number {
  const block = Number(BLOCK);
  const stride = Number(step % BLOCK);
  const places = stride === 0 ? 0 : Math.min(count, block);
  let place = Number(offset % BLOCK);
  for (let index = 0; index < places; index++) {
    if (place + length > block) return index;
    place = (place + stride) % block;
  }
  return 0;
}

/** Two stores in place of one across a block. Only of digits that stand there, and of nothing that has to cross again. */
function split({ operands, start, end }: StatementOf<'store'>, text: string): Fix | undefined {
  if (!operands?.data.value.plainHex) return undefined;
  const { region, offset, data } = operands;
  const room = Number(BLOCK - (offset.value % BLOCK));
  const bytes = data.value.data;
  if (bytes.length - room > Number(BLOCK)) return undefined;
  const indent =
    /(?<![ \t])[ \t]*$/.exec(text.slice(text.lastIndexOf('\n', start - 1) + 1, start))?.[0] ?? '';
  const name = text.slice(region.start, region.end);
  const one = (at: bigint, part: Uint8Array): string => `store ${name} ${hex(at)} hex ${hexOf(part)}`;
  const second = one(offset.value + BigInt(room), bytes.subarray(room));
  return replace(
    'Split into two stores',
    { start, end },
    `${one(offset.value, bytes.subarray(0, room))}\n${indent}${second}`,
  );
}
