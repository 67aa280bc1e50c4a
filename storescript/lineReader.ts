/** Takes the words of one line in order, and tells the first mistake of the line. */
import { SCRIPT_LIMITS } from '../protocol/runOperations';
import { replace, type Diagnostic, type DiagnosticCode, type Fix, type Span } from './diagnostic';
import type { Line, Word } from './lines';
import { REGIONS, type At } from './statements';
import { nearest } from './suggest';
import { LONGEST_OFFSET, parseOffset } from './values/offsetExpression';

/** Names by `let`; undefined when its line is wrong, so that lines that use it are not told as well. */
export type Names = ReadonlyMap<string, bigint | undefined>;

export class LineReader {
  private index = 1;
  /** Whether a mistake of this line was told: what comes after it in the line may be its consequence. */
  broken = false;

  constructor(
    private readonly line: Line,
    readonly names: Names,
    private readonly diagnostics: Diagnostic[],
  ) {}

  /** Tells a mistake, unless one was told of this line. @returns undefined, for callers to hand on */
  fail(code: DiagnosticCode, span: Span, message: string, fix?: Fix): undefined {
    if (!this.broken)
      this.diagnostics.push({
        ...{ code, severity: 'error', start: span.start, end: span.end, message },
        ...(fix ? { fix } : {}),
      });
    this.broken = true;
    return undefined;
  }

  peek(): Word | undefined {
    return this.line.words[this.index];
  }

  /** Tells that something is missing at the end of what was read. */
  missing(message: string, fix?: Fix): undefined {
    const { start, end } = this.line.words[this.index - 1] ?? this.line;
    return this.fail('missing-operand', { start, end }, message, fix);
  }

  next(message: string): Word | undefined {
    const word = this.peek();
    if (!word) return this.missing(message);
    this.index++;
    return word;
  }

  /** The words up to one of `stops`, or to the end. */
  upTo(stops: (word: Word) => boolean): readonly Word[] {
    const from = this.index;
    for (let word = this.peek(); word && !stops(word); word = this.peek()) this.index++;
    return this.line.words.slice(from, this.index);
  }

  /** Takes the next word if it is this one. */
  take(text: string): boolean {
    const found = this.peek()?.text === text;
    if (found) this.index++;
    return found;
  }

  /** Nothing may follow. */
  done(): void {
    const word = this.peek();
    if (!word) return;
    const span = { start: word.start, end: this.line.end };
    const before = this.line.words[this.index - 1] ?? word;
    this.fail(
      'unexpected-operand',
      span,
      `'${shorten(word.text)}' is not expected here; a line has one statement.`,
      replace('Remove the rest of the line', { start: before.end, end: this.line.end }, ''),
    );
  }

  region(): At<number> | undefined {
    const names = [...REGIONS.keys()].join(', ');
    const word = this.next(`A region is missing: ${names}.`);
    if (!word) return undefined;
    const value = REGIONS.get(word.text);
    if (value !== undefined) return { value, start: word.start, end: word.end };
    const near = nearest(word.text, REGIONS.keys());
    return this.fail(
      'bad-region',
      word,
      `'${shorten(word.text)}' is not a region; use ${names}.`,
      near ? replace(`Change to ${near}`, word, near) : undefined,
    );
  }

  /** An offset out of some words. */
  offset(words: readonly Word[], missing: string): At<bigint> | undefined {
    const [first] = words;
    if (!first) return this.missing(missing);
    const span = { start: first.start, end: (words.at(-1) ?? first).end };
    if (span.end - span.start > LONGEST_OFFSET)
      return this.fail(
        'bad-offset',
        span,
        `An offset has at most ${LONGEST_OFFSET} characters; this one has more.`,
      );
    // A blank for each character that is there, so that the sentence has the columns of the line.
    const { base } = this.line;
    let text = '';
    for (const word of words) text += ' '.repeat(word.start - base - text.length) + word.text;
    const { names } = this;
    const known = { get: (name: string) => (names.has(name) ? (names.get(name) ?? 0n) : undefined) };
    const used = text.match(/[A-Za-z_]\w*/g) ?? [];
    const read = parseOffset(text, known);
    if (read.ok) {
      if (used.some((name) => this.names.has(name) && this.names.get(name) === undefined)) this.broken = true;
      return this.broken ? undefined : { value: read.value, ...span };
    }
    const strange = [...text.matchAll(/(?<![\w])[A-Za-z_]\w*/g)].find(
      ([name]) => !this.names.has(name) && !/^token$/i.test(name),
    );
    if (strange) {
      const [name] = strange;
      const at = { start: base + strange.index, end: base + strange.index + name.length };
      const near = nearest(name, this.names.keys());
      if (/^[0-9a-f]+$/i.test(name) && !near)
        return this.fail('bad-offset', at, read.why, replace(`Change to 0x${name}`, at, `0x${name}`));
      return this.fail(
        'bad-offset',
        at,
        `There is no name '${shorten(name)}' above this line; write let ${shorten(name)} = OFFSET, or a number.`,
        near ? replace(`Change to ${near}`, at, near) : undefined,
      );
    }
    return this.fail('bad-offset', span, read.why);
  }

  /** One word that is a number of at least `least` and at most `most`; `what` begins the sentences. */
  number(what: string, least: bigint, most: bigint): At<bigint> | undefined {
    const word = this.next(`${what} is missing: a number from ${least} to ${most}.`);
    const value = word && this.offset([word], '');
    if (!value) return undefined;
    if (value.value < least || value.value > most)
      return this.fail('out-of-range', value, `${what} has to be from ${least} to ${most}.`);
    return value;
  }

  /** `10ms` and the like, in nanoseconds. */
  time(): number | undefined {
    const word = this.next('A time is missing: 500us, 10ms or 2s.');
    if (!word) return undefined;
    const match = /^(\d{1,12})(us|ms|s)$/.exec(word.text);
    if (!match) {
      const unit = /^\d{1,12}$/.test(word.text);
      return this.fail(
        'bad-time',
        word,
        `'${shorten(word.text)}' is not a time; write a whole number and us, ms or s, such as 10ms.`,
        unit ? replace(`Change to ${word.text}ms`, word, `${word.text}ms`) : undefined,
      );
    }
    const ns = Number(match[1]) * { us: 1e3, ms: 1e6, s: 1e9 }[match[2] as 'us' | 'ms' | 's'];
    if (ns > SCRIPT_LIMITS.sleepNs) return this.fail('out-of-range', word, 'A sleep is at most 60 s long.');
    return ns;
  }
}

/** For sentences: not more of a word than a reader needs. */
export const shorten = (text: string): string => (text.length > 24 ? `${text.slice(0, 24)}…` : text);
