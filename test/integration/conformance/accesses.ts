import type { LabMode } from '../../../lab/machine/machine';

/** One access of the program vfioShell. */
export interface Access {
  readonly kind: 'write' | 'bad' | 'read';
  readonly region: number;
  readonly offset: bigint;
  readonly length: number;
}

const barSizes: Readonly<Record<number, bigint>> = { 0: 1n << 48n, 2: 0x1000n, 4: 0x1000n };
const page = 4096;

/** Where in a BAR lengths and alignments are tried; for BAR2 that is not the command at its start. */
const bases: Readonly<Record<number, bigint>> = { 0: 0x1234_5678_9000n, 2: 0n };

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Everything that is asked of a driver; `small` is a part that touches each kind of answer. */
export function accesses(small: boolean): Access[] {
  const lengths = small
    ? [
        0, 1, 4, 7, 8, 9, 12, 15, 16, 17, 20, 24, 32, 63, 64, 120, 127, 128, 129, 136, 256, 4088, 4096, 4097,
        4104,
      ]
    : [...range(0, 64), ...range(112, 144), 256, 512, 1024, 2048, 3000, 4000, ...range(4080, 4112)];
  const list: Access[] = [];
  const write = (region: number, offset: bigint, length: number): void =>
    void list.push({ kind: 'write', region, offset, length });
  for (const region of [0, 2]) {
    const base = bases[region] ?? 0n;
    const size = barSizes[region] ?? 0n;
    for (const length of lengths) write(region, base, length);
    for (const offset of range(0, 16))
      for (const length of [1, 5, 8, 13, 16, 64, 127]) write(region, base + BigInt(offset), length);
    // Up to the end of a 4 KiB block, and across it.
    for (const [at, length] of [
      [0xff8, 8],
      [0xff8, 16],
      [0xff0, 16],
      [0xfc0, 64],
      [0xfc8, 64],
      [0xf80, 128],
      [0xfff, 1],
      [0xfff, 2],
    ] as const)
      write(region, base + BigInt(at), length);
    // The BAR's end clips a store before anything else looks at it.
    for (const [left, length] of [
      [16, 16],
      [16, 32],
      [16, 5000],
      [8, 8],
      [8, 16],
      [128, 128],
      [128, 256],
      [4, 8],
      [0, 16],
      [0, 8],
    ] as const)
      write(region, size - BigInt(left), length);
    write(region, size + 4096n, 16);
    list.push({ kind: 'bad', region, offset: base, length: 64 });
    list.push({ kind: 'bad', region, offset: base, length: 12 });
    list.push({ kind: 'bad', region, offset: base, length: 5000 });
    for (const [at, length] of [
      [0, 16],
      [1, 1],
      [1, 15],
      [3, 64],
      [0xff8, 16],
    ] as const)
      list.push({ kind: 'read', region, offset: base + BigInt(at), length });
    list.push({ kind: 'read', region, offset: size - 8n, length: 64 });
    list.push({ kind: 'read', region, offset: size, length: 8 });
  }
  for (const region of [1, 3, 5, 6, 8, 9, 10])
    for (const kind of ['write', 'read'] as const) list.push({ kind, region, offset: 0n, length: 16 });
  list.push({ kind: 'write', region: 9, offset: 0n, length: 0 });
  return list;
}

/**
 * What the kernel is to answer: the count or the name of an error. The checks stand in the order in which vfs_write(),
 * ism-vfio-pci (bar_rw, do_io_w) and the instruction itself make them.
 */
export function expected(access: Access, mode: LabMode): string {
  const { kind, region, offset } = access;
  if (access.length === 0) return '0';
  const size = barSizes[region];
  if (size === undefined || offset >= size) return 'EINVAL';
  const room = size - offset;
  const length = BigInt(access.length) < room ? access.length : Number(room);
  if (kind === 'read') return String(length);
  // Real ISM takes any length and alignment, as the lab does; what QEMU takes of the instruction is less.
  const isWhole = mode === 'whole';
  if (length > (isWhole ? 4096 : 128)) return 'EINVAL';
  if (Number(offset % BigInt(page)) + length > page) return 'EINVAL';
  if (kind === 'bad') return 'EFAULT';
  if (!isWhole && (length < 16 || length % 8 !== 0 || offset % 8n !== 0n)) return 'ENXIO';
  return String(length);
}

/** The same bytes as pattern() of vfioShell.c. */
export function pattern(length: number, seed: number): Buffer {
  return Buffer.from(
    Array.from({ length }, (_, index) => (seed * 167 + index * 31 + (index >> 8) * 7 + 1) & 0xff),
  );
}

/** The same stores as burst() of vfioShell.c. */
export function burst(span: number, count: number, seed: number): { offset: number; length: number }[] {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return state;
  };
  return Array.from({ length: count }, () => {
    const offset = (random() % (span / 8)) * 8;
    const room = 4096 - (offset % 4096);
    return { offset, length: (random() % (room / 8)) * 8 + 8 };
  });
}
