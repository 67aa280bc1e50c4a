/** Bytes out of numbers, text and seeds, as store data and store scripts have them. */

/** No store takes more (ism-vfio-pci's own bound), so no pattern needs to be longer. */
export const MOST_BYTES = 4096;

/** The longest number that is read, in characters: 64 bits with a `_` between all digits have fewer. */
const LONGEST_NUMBER = 200;

/** A number as people write it: decimal, or hex with `0x`, with `_` between digits; undefined when it is none. */
export function integer(word: string): bigint | undefined {
  if (word.length > LONGEST_NUMBER) return undefined;
  const clean = word.trim().replace(/(?<=[0-9a-fA-F])_(?=[0-9a-fA-F])/g, '');
  return /^(0x[0-9a-f]+|[0-9]+)$/i.test(clean) ? BigInt(clean) : undefined;
}

/** @param value below 2^(8 * width) @param little least significant byte first */
export function integerBytes(value: bigint, width: number, little: boolean): Uint8Array {
  const digits = value.toString(16).padStart(width * 2, '0');
  const big = Uint8Array.from(Buffer.from(digits, 'hex'));
  return little ? big.reverse() : big;
}

/** Bytes that count up from `first` and wrap at 256. */
export function counterBytes(length: number, first: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);
}

/** SplitMix64, each word in big-endian order: the same seed gives the same bytes everywhere. @param seed below 2^64 */
export function randomBytes(length: number, seed: bigint): Uint8Array {
  const words = Buffer.alloc(Math.ceil(length / 8) * 8);
  let state = seed;
  for (let at = 0; at < words.length; at += 8) {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    words.writeBigUInt64BE(z ^ (z >> 31n), at);
  }
  return Uint8Array.from(words.subarray(0, length));
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, '0': 0, '\\': 92, '"': 34 };

/**
 * UTF-8 with `\n`, `\r`, `\t`, `\0`, `\\`, `\"` and `\xNN` as in C.
 *
 * @returns the bytes, or the character after a backslash that makes no escape and where the backslash is
 */
export function unescapeText(
  text: string,
):
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly escape: string; readonly at: number } {
  const parts: Buffer[] = [];
  for (const match of text.matchAll(/\\x([0-9a-fA-F]{2})|\\([\s\S]?)|[^\\]+/g)) {
    if (match[1] !== undefined) parts.push(Buffer.from(match[1], 'hex'));
    else if (match[2] !== undefined) {
      const byte = ESCAPES[match[2]];
      if (byte === undefined) return { ok: false, escape: match[2], at: match.index };
      parts.push(Buffer.from([byte]));
    } else parts.push(Buffer.from(match[0], 'utf8'));
  }
  return { ok: true, value: Uint8Array.from(Buffer.concat(parts)) };
}
