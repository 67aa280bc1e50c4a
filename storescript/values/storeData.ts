/**
 * The bytes of a store as people write them: hex digits, `text:`, integers as `u32le:`, `file:`, `counter:`, `random:`.
 * Pure: a file is only named here, who asks for the bytes reads it.
 */
import { parseHexData, type Input } from './hexInput';
import { counterBytes, integer, integerBytes, MOST_BYTES, randomBytes, unescapeText } from './patterns';

/** Bytes in memory order, or the path of the file that holds them. */
export type DataSource =
  { readonly kind: 'bytes'; readonly bytes: Uint8Array } | { readonly kind: 'file'; readonly path: string };

const refuse = (message: string): { ok: false; why: string } => ({
  ok: false,
  why: message,
});
const bytes = (value: Uint8Array): Input<DataSource> => ({
  ok: true,
  value: { kind: 'bytes', bytes: value },
});

/** What can be typed, for prompts. */
export const dataForms = (): string =>
  'Hex digits in memory order, or text:…, u32be:1, 2 (u8 to u64, le or be), file:PATH, counter:LENGTH[:FIRST], random:LENGTH:SEED';

/**
 * Reads one form of data.
 *
 * @returns the source, or one sentence that says what is wrong and where
 */
export function parseStoreData(text: string): Input<DataSource> {
  const match = /^\s*([a-z]\w*):([\s\S]*)$/i.exec(text);
  if (!match) {
    const data = parseHexData(text);
    return data.ok ? bytes(data.value) : data;
  }
  const form = (match[1] ?? '').toLowerCase();
  const rest = match[2] ?? '';
  const integer = /^u(8|16|32|64)(le|be)?$/.exec(form);
  if (integer) return integers(rest, Number(integer[1]) / 8, integer[2]);
  switch (form) {
    case 'hex': {
      const data = parseHexData(rest);
      return data.ok ? bytes(data.value) : data;
    }
    case 'text':
      return escapedText(rest);
    case 'file':
      return rest.trim() === ''
        ? refuse('A path is missing after file:; write file:PATH.')
        : { ok: true, value: { kind: 'file', path: rest.trim() } };
    case 'counter':
      return counter(rest);
    case 'random':
      return random(rest);
    default:
      return refuse(
        `'${form}:' is not a form of data; use hex:, text:, u8: to u64le: or u64be:, file:, counter: or random:.`,
      );
  }
}

function escapedText(text: string): Input<DataSource> {
  if (text === '') return refuse('Type at least one character after text:.');
  const read = unescapeText(text);
  return read.ok
    ? bytes(read.value)
    : refuse(
        `'\\${read.escape}' at character ${read.at + 1} is not an escape; use \\n \\r \\t \\0 \\\\ or \\x and two hex digits.`,
      );
}

/** @param width bytes of each integer @param order needed from two bytes on: a guess would be wrong half of the time */
function integers(text: string, width: number, order: string | undefined): Input<DataSource> {
  const name = `u${width * 8}`;
  if (!order && width > 1)
    return refuse(`${name}: needs a byte order; write ${name}be: (as s390 stores it) or ${name}le:.`);
  if (text.trim() === '') return refuse(`Type at least one number after ${name + (order ?? '')}:.`);
  const words = text
    .trim()
    .replace(/\s+/g, ' ')
    .split(/ ?, ?| /);
  const result: number[] = [];
  for (const [index, word] of words.entries()) {
    const value = integer(word);
    // Two numbers where three were meant would be stored otherwise.
    if (word === '') return refuse(`Number ${index + 1} is missing at the comma.`);
    if (value === undefined)
      return refuse(
        `Number ${index + 1}, '${word}', is not a number; write 0x and hex digits, or decimal digits.`,
      );
    if (value >= 1n << BigInt(width * 8))
      return refuse(`Number ${index + 1}, ${word}, does not fit into ${width * 8} bits.`);
    result.push(...integerBytes(value, width, order === 'le'));
  }
  return bytes(Uint8Array.from(result));
}

/** How many bytes a pattern has, or the sentence why not. */
function lengthOf(form: string, word: string | undefined): Input<number> {
  const value = integer(word ?? '');
  if (value === undefined)
    return refuse(`${form}: needs its length in bytes first, such as ${form}:64; '${word ?? ''}' is none.`);
  if (value < 1n || value > BigInt(MOST_BYTES))
    return refuse(`${form}: makes 1 to ${MOST_BYTES} bytes, not ${value.toString()}.`);
  return { ok: true, value: Number(value) };
}

/** Bytes that count up from FIRST (default 0) and wrap at 256. */
function counter(text: string): Input<DataSource> {
  const [lengthWord, firstWord, ...more] = text.split(':');
  const length = lengthOf('counter', lengthWord);
  if (!length.ok) return length;
  const first = firstWord === undefined ? 0n : integer(firstWord);
  if (first === undefined || first > 255n || more.length > 0)
    return refuse(
      'counter: is written counter:LENGTH or counter:LENGTH:FIRST, where FIRST is a byte, 0 to 255.',
    );
  return bytes(counterBytes(length.value, Number(first)));
}

/** The same SEED gives the same bytes everywhere. */
function random(text: string): Input<DataSource> {
  const [lengthWord, seedWord, ...more] = text.split(':');
  const length = lengthOf('random', lengthWord);
  if (!length.ok) return length;
  const seed = integer(seedWord ?? '');
  if (seed === undefined || seed >= 1n << 64n || more.length > 0)
    return refuse(
      'random: is written random:LENGTH:SEED, where SEED is a number below 2^64, so that it can be repeated.',
    );
  return bytes(randomBytes(length.value, seed));
}
