/** The forms of data of a script: `hex`, `text`, numbers, `counter` and `random`. */
import { replace, type Span } from './diagnostic';
import { shorten, type LineReader } from './lineReader';
import type { Word } from './lines';
import { DATA_FORMS, type At, type Bytes } from './statements';
import { nearest } from './suggest';
import {
  counterBytes,
  integer,
  integerBytes,
  MOST_BYTES,
  randomBytes,
  unescapeText,
} from './values/patterns';

const FORMS = [...DATA_FORMS.keys()];
const UNORDERED = /^u(16|32|64)$/;

/** Whether a word begins data: what comes before it is an offset. */
export const beginsData = (word: Word): boolean =>
  word.kind === 'text' || DATA_FORMS.has(word.text) || UNORDERED.test(word.text);

const bytesOf = (data: Uint8Array, span: Span): At<Bytes> => ({
  value: { data, plainHex: false },
  start: span.start,
  end: span.end,
});

/**
 * Reads a form and what belongs to it.
 *
 * @param pattern whether `.` may stand for a hex digit
 */
export function readData(reader: LineReader, pattern = false): At<Bytes> | undefined {
  const form = reader.next(`Data is missing: ${FORMS.join(', ')}.`);
  if (!form) return undefined;
  if (form.kind === 'text')
    return reader.fail(
      'bad-data',
      form,
      'Write text before a text in quotes.',
      replace('Insert text', { start: form.start, end: form.start }, 'text '),
    );
  const order = UNORDERED.exec(form.text);
  if (order)
    return reader.fail(
      'no-byte-order',
      form,
      `${form.text} needs a byte order: ${form.text}be, as s390 stores it, or ${form.text}le.`,
      replace(`Change to ${form.text}be`, form, `${form.text}be`),
    );
  const data = formOf(reader, form, pattern);
  if (!data) return undefined;
  if (data.value.data.length > MOST_BYTES)
    return reader.fail(
      'store-too-long',
      { start: form.start, end: data.end },
      `${data.value.data.length} bytes are more than the ${MOST_BYTES} that ism-vfio-pci takes in one store.`,
    );
  return { ...data, start: form.start };
}

function formOf(reader: LineReader, form: Word, pattern: boolean): At<Bytes> | undefined {
  const number = /^u(8|16|32|64)(be|le)?$/.exec(form.text);
  if (DATA_FORMS.has(form.text)) {
    if (number) return numbers(reader, Number(number[1]) / 8, number[2] === 'le');
    if (form.text === 'hex') return hexDigits(reader, pattern);
    if (form.text === 'text') return quoted(reader);
    if (form.text === 'counter') return counter(reader);
    if (form.text === 'random') return random(reader);
  }
  const near = nearest(form.text, FORMS);
  return reader.fail(
    'bad-data',
    form,
    `'${shorten(form.text)}' is not a form of data; use ${FORMS.join(', ')}.`,
    near ? replace(`Change to ${near}`, form, near) : undefined,
  );
}

/** Tells that the words of an offset are followed by no data, and what was probably meant. */
export function noData(reader: LineReader, words: readonly Word[]): undefined {
  const last = words.at(-1);
  for (const word of words) {
    const near = /^[A-Za-z]/.test(word.text) && !reader.names.has(word.text) && nearest(word.text, FORMS);
    if (near)
      return reader.fail(
        'bad-data',
        word,
        `'${shorten(word.text)}' is not a form of data; did you mean ${near}?`,
        replace(`Change to ${near}`, word, near),
      );
  }
  const digits = words.length > 1 && last && /^([0-9a-f]{2})+$/i.test(last.text) ? last : undefined;
  return reader.missing(
    `Data is missing; write one of ${FORMS.join(', ')} before it.`,
    digits && replace('Insert hex', { start: digits.start, end: digits.start }, 'hex '),
  );
}

/** Groups of digits; each has whole bytes. */
function hexDigits(reader: LineReader, pattern: boolean): At<Bytes> | undefined {
  const groups = reader.upTo((word) => word.text === 'step');
  const [first] = groups;
  if (!first) return reader.missing('Hex digits are missing, such as 00 11 22ff.');
  let data = '';
  let mask = '';
  for (const group of groups) {
    const prefix = /^0x/i.exec(group.text)?.[0] ?? '';
    const digits = group.text.slice(prefix.length).replace(/[_,]/g, '');
    const bad = (pattern ? /[^0-9a-fA-F.]/ : /[^0-9a-fA-F]/).exec(digits);
    if (bad)
      return reader.fail(
        'bad-hex',
        group,
        bad[0] === '.'
          ? 'A . stands for any digit, which only expect can have; a store needs every digit.'
          : `'${bad[0]}' is not a hex digit; use 0-9 and a-f, two for each byte${pattern ? ', or . for any digit' : ''}.`,
      );
    if (digits.length % 2 !== 0)
      return reader.fail(
        'bad-hex',
        group,
        `'${shorten(group.text)}' has ${digits.length} hex digit${digits.length === 1 ? '' : 's'}; a byte needs two, so one is missing.`,
        digits.length === 1 && digits !== '.'
          ? replace(`Change to 0${digits}`, group, `0${digits}`)
          : undefined,
      );
    data += digits.replace(/\./g, '0');
    mask += digits.replace(/[^.]/g, 'f').replace(/\./g, '0');
  }
  if (data === '') return reader.missing('Hex digits are missing, such as 00 11 22ff.');
  const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
  return {
    value: { data: bytes(data), plainHex: true, ...(mask.includes('0') ? { mask: bytes(mask) } : {}) },
    start: first.start,
    end: (groups.at(-1) ?? first).end,
  };
}

function quoted(reader: LineReader): At<Bytes> | undefined {
  const word = readQuoted(reader, 'A text in quotes is missing: text "...".');
  if (!word) return undefined;
  const read = unescapeText(word.value);
  if (!read.ok) {
    const start = word.start + 1 + read.at;
    return reader.fail(
      'bad-text',
      { start, end: start + 1 + read.escape.length },
      `'\\${read.escape}' is not an escape; use \\n \\r \\t \\0 \\\\ \\" or \\x and two hex digits.`,
      replace('Double the backslash', { start, end: start }, '\\'),
    );
  }
  return read.value.length > 0
    ? bytesOf(read.value, word)
    : reader.fail('store-empty', word, 'A text of at least one character is needed.');
}

/** A text in quotes, without them and with its escapes as they are. */
export function readQuoted(reader: LineReader, missing: string): At<string> | undefined {
  const word = reader.next(missing);
  if (!word) return undefined;
  if (word.kind !== 'text')
    return reader.fail(
      'bad-text',
      word,
      `Write quotes around '${shorten(word.text)}'.`,
      replace('Put it in quotes', word, JSON.stringify(word.text)),
    );
  if (!word.closed)
    return reader.fail(
      'bad-text',
      word,
      'The quote at the end of the text is missing.',
      /\\$/.test(word.text) ? undefined : replace('Add the quote', { start: word.end, end: word.end }, '"'),
    );
  return { value: word.text.slice(1, -1), start: word.start, end: word.end };
}

function numbers(reader: LineReader, width: number, little: boolean): At<Bytes> | undefined {
  const words = reader.upTo((word) => word.text === 'step');
  const [first] = words;
  if (!first) return reader.missing('A number is missing.');
  const bytes: number[] = [];
  let behindNumber = false;
  let comma: { start: number; end: number } | undefined;
  for (const word of words) {
    for (const { index, 0: part } of word.text.matchAll(/,|[^,]+/g)) {
      const span = { start: word.start + index, end: word.start + index + part.length };
      // A number that was forgotten would be bytes that are not stored, with those behind it at the wrong place.
      if (part === ',') {
        if (!behindNumber) return reader.fail('bad-number', span, 'A number is missing before this comma.');
        behindNumber = false;
        comma = span;
        continue;
      }
      behindNumber = true;
      comma = undefined;
      const value = reader.names.has(part)
        ? reader.offset([{ ...word, ...span, text: part }], '')?.value
        : integer(part);
      if (reader.broken) return undefined;
      if (value === undefined) {
        const near = nearest(part, reader.names.keys());
        const hex = /^[0-9a-f]+$/i.test(part) ? `0x${part}` : undefined;
        return reader.fail(
          'bad-number',
          span,
          `'${shorten(part)}' is not a number; write 0x and hex digits, decimal digits, or a name.`,
          near || hex ? replace(`Change to ${near ?? hex}`, span, near ?? hex ?? '') : undefined,
        );
      }
      if (value >= 1n << BigInt(width * 8))
        return reader.fail('out-of-range', span, `${shorten(part)} does not fit into ${width * 8} bits.`);
      bytes.push(...integerBytes(value, width, little));
    }
  }
  if (comma) return reader.fail('bad-number', comma, 'A number is missing behind this comma.');
  return bytesOf(Uint8Array.from(bytes), { start: first.start, end: (words.at(-1) ?? first).end });
}

const length = (reader: LineReader): At<bigint> | undefined =>
  reader.number('The length in bytes', 1n, BigInt(MOST_BYTES));

function counter(reader: LineReader): At<Bytes> | undefined {
  const size = length(reader);
  if (!size) return undefined;
  const first = reader.take('from') ? reader.number('The first byte', 0n, 255n) : undefined;
  if (reader.broken) return undefined;
  return bytesOf(counterBytes(Number(size.value), Number(first?.value ?? 0)), {
    start: size.start,
    end: (first ?? size).end,
  });
}

function random(reader: LineReader): At<Bytes> | undefined {
  const size = length(reader);
  if (!size) return undefined;
  if (!reader.take('seed'))
    return reader.missing(
      'The seed is missing: write seed and a number, so that the bytes can be repeated.',
      replace('Add seed 1', { start: size.end, end: size.end }, ' seed 1'),
    );
  const seed = reader.number('The seed', 0n, (1n << 64n) - 1n);
  return seed && bytesOf(randomBytes(Number(size.value), seed.value), { start: size.start, end: seed.end });
}
