/** From a script's text to statements; a wrong line is reported once and read as what it seems to be. */
import { SCRIPT_LIMITS } from '../protocol/runOperations';
import { beginsData, noData, readData, readQuoted } from './data';
import { replace, type Diagnostic } from './diagnostic';
import { ERROR_NAMES } from './errorNames';
import { LineReader, shorten } from './lineReader';
import { LONGEST_LINE, splitLines, type Line, type Word } from './lines';
import { DATA_FORMS, KEYWORDS, REGIONS, type Place, type Statement, type StatementKind } from './statements';
import { nearest } from './suggest';

export interface Parsed {
  readonly statements: readonly Statement[];
  readonly diagnostics: readonly Diagnostic[];
  /** Names by `let`; undefined when its line is wrong. */
  readonly names: ReadonlyMap<string, bigint | undefined>;
}

/** A PCI address as the kernel writes it, and a FID. */
const ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;
const FID = /^0x[0-9a-f]{1,8}$/;

/** Words that a name cannot be, because they mean something where names stand. */
const RESERVED = new Set([
  ...KEYWORDS.keys(),
  ...DATA_FORMS.keys(),
  ...REGIONS.keys(),
  ...['u16', 'u32', 'u64', 'step', 'seed', 'from', 'at', 'error', 'fid', 'token'],
]);

type Operands = { [K in StatementKind]?: Extract<Statement, { kind: K }>['operands'] };

export function parse(text: string): Parsed {
  const diagnostics: Diagnostic[] = [];
  const names = new Map<string, bigint | undefined>();
  const statements: Statement[] = [];
  let bytes = 0;
  for (const line of splitLines(text)) {
    const statement = readLine(line, names, diagnostics);
    statements.push(statement);
    bytes += sizeOf(statement);
    const stop = limit(statement, bytes, diagnostics.length);
    if (!stop) continue;
    diagnostics.push(stop);
    break;
  }
  return { statements, diagnostics, names };
}

/** How many bytes a statement holds. */
function sizeOf({ operands }: Statement): number {
  return operands && 'data' in operands ? operands.data.value.data.length : 0;
}

/** Lines that are wrong in a script before the rest is left unread: who has made so many reads no more of them. */
const MOST_MISTAKES = 200;

/** How many bytes the stores and reads of a script have in all: four tests that are full. */
const MOST_DATA = 4 * SCRIPT_LIMITS.bytes;

/** Why the lines behind a statement are not read. */
function limit(statement: Statement, bytes: number, mistakes: number): Diagnostic | undefined {
  const { start, end } = statement;
  const told = { code: 'too-much', severity: 'error', start, end } as const;
  if (bytes > MOST_DATA)
    return {
      ...told,
      message: `A script can have at most ${MOST_DATA >> 20} MiB of data. Split it into two scripts.`,
    };
  if (mistakes >= MOST_MISTAKES)
    return {
      ...told,
      start: end + 1,
      end: end + 1,
      message: `${MOST_MISTAKES} lines are wrong. Correct these first: the rest is not checked.`,
    };
  return undefined;
}

function readLine(line: Line, names: Map<string, bigint | undefined>, diagnostics: Diagnostic[]): Statement {
  const [keyword] = line.words;
  const reader = new LineReader(line, names, diagnostics);
  const place = { line: line.number, start: line.start, end: line.end, keyword };
  if (line.isTooLong) {
    reader.fail('too-much', line, `A line has at most ${LONGEST_LINE} characters; this one has more.`);
    return { ...place, kind: 'unknown', operands: undefined };
  }
  const read = KEYWORDS.has(keyword.text) ? keyword.text : misspelled(reader, keyword);
  if (!read) return { ...place, kind: 'unknown', operands: undefined };
  const kind = (
    read === 'expect' && reader.peek()?.text === 'error' ? 'expect error' : read
  ) as StatementKind;
  const operands = reader.broken ? undefined : readers[kind](reader, names);
  if (operands) reader.done();
  // What a wrong line names is known all the same: lines that use it are not told as well.
  if (kind === 'let' && reader.broken) poison(line.words[1], names);
  return { ...place, kind, operands: reader.broken ? undefined : operands } as Statement;
}

/** Tells that a line begins with no keyword. @returns what it probably should be */
function misspelled(reader: LineReader, word: Word): string | undefined {
  const near = word.kind === 'word' ? nearest(word.text, KEYWORDS.keys()) : undefined;
  reader.fail(
    'unknown-statement',
    word,
    near
      ? `'${shorten(word.text)}' is not a statement; did you mean ${near}?`
      : `'${shorten(word.text)}' is not a statement; a line begins with ${[...KEYWORDS.keys()].join(', ')}.`,
    near ? replace(`Change to ${near}`, word, near) : undefined,
  );
  return near;
}

function poison(word: Word | undefined, names: Map<string, bigint | undefined>): void {
  const name = /^[A-Za-z_]\w*/.exec(word?.text ?? '')?.[0];
  if (name && !RESERVED.has(name) && !names.has(name)) names.set(name, undefined);
}

/** REGION OFFSET, the offset up to the data. */
function place(reader: LineReader): Place | undefined {
  const region = reader.region();
  if (!region) return undefined;
  const words = reader.upTo(beginsData);
  if (!reader.peek()) return noData(reader, words);
  const offset = reader.offset(words, 'An offset is missing, for example 0x1000.');
  return offset && { region, offset };
}

const count = (reader: LineReader) => {
  const read = reader.number('A count', 1n, BigInt(SCRIPT_LIMITS.rounds));
  return read && { ...read, value: Number(read.value) };
};

const readers: {
  readonly [K in StatementKind]: (reader: LineReader, names: Map<string, bigint | undefined>) => Operands[K];
} = {
  device(reader) {
    if (reader.take('fid')) {
      const fid = reader.next('A FID is missing, for example 0x61.');
      if (!fid) return undefined;
      if (FID.test(fid.text)) return { by: 'fid', value: fid.text };
      const fixed = `0x${fid.text.toLowerCase().replace(/^0x/, '')}`;
      return reader.fail(
        'bad-address',
        fid,
        `'${shorten(fid.text)}' is not a FID; write 0x and up to 8 hex digits in lower case.`,
        FID.test(fixed) ? replace(`Change to ${fixed}`, fid, fixed) : undefined,
      );
    }
    const address = reader.next('A PCI address is missing, for example 0051:00:00.0, or fid and a FID.');
    if (!address) return undefined;
    if (ADDRESS.test(address.text)) return { by: 'address', value: address.text };
    const lower = address.text.toLowerCase();
    const fixed = [lower, `0000:${lower}`].find((text) => ADDRESS.test(text));
    return reader.fail(
      'bad-address',
      address,
      `'${shorten(address.text)}' is not a PCI address; write it as the kernel does, for example 0051:00:00.0.`,
      fixed ? replace(`Change to ${fixed}`, address, fixed) : undefined,
    );
  },
  let(reader, names) {
    const name = reader.next('A name is missing: let NAME = OFFSET.');
    if (!name) return undefined;
    if (!/^[A-Za-z_]\w*$/.test(name.text))
      return reader.fail(
        'bad-name',
        name,
        `'${shorten(name.text)}' is not a name; use letters, digits and _, and blanks around =.`,
        fixLet(name),
      );
    if (RESERVED.has(name.text))
      return reader.fail('bad-name', name, `'${name.text}' is a word of the language. Choose another name.`);
    if (names.has(name.text))
      return reader.fail(
        'duplicate-name',
        name,
        `'${shorten(name.text)}' already has a value. Choose another name.`,
      );
    if (!reader.take('='))
      return reader.missing(
        'A = is missing: let NAME = OFFSET.',
        replace('Insert =', { start: name.end, end: name.end }, ' ='),
      );
    const offset = reader.offset(
      reader.upTo(() => false),
      'An offset is missing, for example 0x1000.',
    );
    if (!offset) return undefined;
    names.set(name.text, offset.value);
    return { name: name.text };
  },
  test(reader) {
    const name = readQuoted(reader, 'A name in quotes is missing: test "NAME".');
    if (!name) return undefined;
    const clean = name.value.replace(/\\(["\\])/g, '$1').trim();
    return clean === ''
      ? reader.fail('bad-text', name, 'A test needs a name between the quotes.')
      : { name: clean };
  },
  store(reader) {
    const where = place(reader);
    const data = where && readData(reader);
    return data && { ...where, data };
  },
  burst(reader) {
    const times = count(reader);
    const where = times && place(reader);
    const data = where && readData(reader);
    if (!data) return undefined;
    const step = reader.take('step')
      ? reader.offset(
          reader.upTo(() => false),
          'An offset is missing after step.',
        )
      : undefined;
    return reader.broken ? undefined : { ...where, count: times, data, step: step?.value ?? 0n };
  },
  read(reader) {
    const region = reader.region();
    if (!region) return undefined;
    const words = reader.upTo(() => false);
    const last = words.at(-1);
    if (!last || words.length < 2)
      return reader.missing(
        'OFFSET and LENGTH are needed: read REGION OFFSET LENGTH, such as read bar2 0 16.',
      );
    const offset = reader.offset(words.slice(0, -1), '');
    const length = offset && reader.offset([last], '');
    if (!length) return undefined;
    if (length.value < 1n || length.value > 4096n)
      return reader.fail('out-of-range', length, 'A read takes 1 to 4096 bytes.');
    return { region, offset, length: Number(length.value) };
  },
  expect(reader) {
    let at = 0;
    if (reader.take('at')) {
      const words = reader.upTo(beginsData);
      if (!reader.peek()) return noData(reader, words);
      const offset = reader.offset(words, 'An offset is missing after at.');
      if (!offset) return undefined;
      if (offset.value > 4095n)
        return reader.fail('out-of-range', offset, 'A read takes at most 4096 bytes, so at is at most 4095.');
      at = Number(offset.value);
    }
    const data = readData(reader, true);
    return data && { at, data };
  },
  'expect error'(reader) {
    reader.take('error');
    const word = reader.next('The name of an error is missing, for example EIO.');
    if (!word) return undefined;
    if (ERROR_NAMES.includes(word.text)) return { code: word.text };
    const near = nearest(word.text, ERROR_NAMES);
    return reader.fail(
      'bad-error',
      word,
      `'${shorten(word.text)}' is not the name of an error; write one of Linux's, such as EIO, or short.`,
      near ? replace(`Change to ${near}`, word, near) : undefined,
    );
  },
  sleep(reader) {
    const ns = reader.time();
    return ns === undefined ? undefined : { ns };
  },
  repeat(reader) {
    const times = count(reader);
    return times && { count: times.value };
  },
  end: () => ({}),
};

/** `let a=1`, which other languages take. */
function fixLet(name: Word) {
  const parts = /^([A-Za-z_]\w*)=(.*)$/.exec(name.text);
  return parts ? replace('Put blanks around =', name, `${parts[1]} = ${parts[2]}`.trimEnd()) : undefined;
}
