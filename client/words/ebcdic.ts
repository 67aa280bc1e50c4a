/** The characters that all EBCDIC code pages share, which is what util strings are made of. */
const RUNS: readonly [start: number, characters: string][] = [
  [0x40, ' '],
  [0x4b, '.'],
  [0x4d, '(+'],
  [0x50, '&'],
  [0x5c, '*)'],
  [0x60, '-/'],
  [0x6b, ',%_'],
  [0x6f, '?'],
  [0x7a, ':'],
  [0x7d, '\'="'],
  [0x81, 'abcdefghi'],
  [0x91, 'jklmnopqr'],
  [0xa2, 'stuvwxyz'],
  [0xc1, 'ABCDEFGHI'],
  [0xd1, 'JKLMNOPQR'],
  [0xe2, 'STUVWXYZ'],
  [0xf0, '0123456789'],
];

const CHARACTERS = new Map(
  RUNS.flatMap(([start, text]) => [...text].map((character, i): [number, string] => [start + i, character])),
);

/** The text without padding, or undefined when a byte is no such character. */
export function ebcdicText(bytes: Uint8Array): string | undefined {
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const characters = Array.from(bytes.subarray(0, end), (byte) => CHARACTERS.get(byte));
  if (characters.some((character) => character === undefined)) return undefined;
  return characters.join('').trimEnd() || undefined;
}
