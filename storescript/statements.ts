/** What the lines of a script say. */
import type { Span } from './diagnostic';

/** A region of a vfio PCI device by its name in scripts (include/uapi/linux/vfio.h). */
export const REGIONS: ReadonlyMap<string, number> = new Map([
  ...[0, 1, 2, 3, 4, 5].map((index) => [`bar${index}`, index] as const),
  ['rom', 6],
  ['config', 7],
]);

/** A value and where it is written. */
export interface At<T> extends Span {
  readonly value: T;
}

/** Bytes in memory order; bits that are 0 in `mask` may be anything. */
export interface Bytes {
  readonly data: Uint8Array;
  readonly mask?: Uint8Array;
  /** Whether it is written as hex digits, which can be cut into two. */
  readonly plainHex: boolean;
}

/** Where a store or read goes; the offset's span is that of its expression. */
export interface Place {
  readonly region: At<number>;
  readonly offset: At<bigint>;
}

interface Kinds {
  device: { readonly by: 'address' | 'fid'; readonly value: string };
  let: { readonly name: string };
  test: { readonly name: string };
  store: Place & { readonly data: At<Bytes> };
  burst: Place & { readonly count: At<number>; readonly data: At<Bytes>; readonly step: bigint };
  read: Place & { readonly length: number };
  expect: { readonly at: number; readonly data: At<Bytes> };
  'expect error': { readonly code: string };
  sleep: { readonly ns: number };
  repeat: { readonly count: number };
  end: Record<never, never>;
}
export type StatementKind = keyof Kinds;

/**
 * A line. Without `operands` something in it is wrong and has been told: then its kind is what it seems to be, so that the
 * lines around it are read as if it were right. `unknown` seems to be nothing.
 */
export type Statement = Span & { readonly line: number; readonly keyword: Span } & (
    | {
        [K in StatementKind]: { readonly kind: K; readonly operands: Kinds[K] | undefined };
      }[StatementKind]
    | { readonly kind: 'unknown'; readonly operands: undefined }
  );
export type StatementOf<K extends StatementKind> = Extract<Statement, { kind: K }>;

/** The words that begin a line, with what follows them and what they do, for completion and hovers. */
export const KEYWORDS: ReadonlyMap<string, { readonly form: string; readonly means: string }> = new Map([
  [
    'device',
    { form: 'device ADDRESS  or  device fid FID', means: 'The ISM function: its PCI address or its FID.' },
  ],
  ['let', { form: 'let NAME = OFFSET', means: 'A name for an offset, used in the lines below.' }],
  ['test', { form: 'test "NAME"', means: 'Begins a test, which ends at the next one.' }],
  [
    'store',
    { form: 'store REGION OFFSET DATA', means: 'One pwrite; under ism_vfio_pci one PCISTB instruction.' },
  ],
  [
    'burst',
    {
      form: 'burst COUNT REGION OFFSET DATA [step OFFSET]',
      means: 'COUNT stores of the same bytes, each `step` bytes (0) after the one before.',
    },
  ],
  ['read', { form: 'read REGION OFFSET LENGTH', means: 'One pread of 1 to 4096 bytes.' }],
  [
    'expect',
    {
      form: 'expect [at OFFSET] DATA  or  expect error CODE',
      means:
        'The bytes that the last read must return, with `.` for any hex digit; or the error of the store or read in the line before.',
    },
  ],
  ['sleep', { form: 'sleep TIME', means: 'Waits: `500us`, `10ms`, `2s`, up to 60 s.' }],
  ['repeat', { form: 'repeat COUNT', means: 'Repeats the lines up to its `end`, 1 to 1000000 times.' }],
  ['end', { form: 'end', means: 'Ends a `repeat`.' }],
]);

/** Forms of data with what follows them. */
export const DATA_FORMS: ReadonlyMap<string, { readonly form: string; readonly means: string }> = new Map([
  ['hex', { form: 'hex 00 11 22ff', means: 'Hex digits in memory order, two a byte.' }],
  ['text', { form: 'text "..."', means: 'UTF-8; \\n \\r \\t \\0 \\\\ \\" and \\xNN as in C.' }],
  ['counter', { form: 'counter LENGTH [from BYTE]', means: 'Bytes that count up and wrap at 256.' }],
  [
    'random',
    { form: 'random LENGTH seed SEED', means: 'SplitMix64: the same seed gives the same bytes everywhere.' },
  ],
  ['u8', { form: 'u8 1, 2', means: 'Bytes as numbers.' }],
  ...[16, 32, 64].flatMap((bits) =>
    [
      ['be', 'most significant byte first, as s390 stores them'],
      ['le', 'least significant byte first'],
    ].map(
      ([order, words]) =>
        [
          `u${bits}${order}`,
          { form: `u${bits}${order} 1, 0x2`, means: `Numbers of ${bits} bits, ${words}.` },
        ] as const,
    ),
  ),
]);
