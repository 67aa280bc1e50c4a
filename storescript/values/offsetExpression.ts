/**
 * Offsets as people write them: `0x1000`, `4K`, `(1 << 24) | 0x40`, or a place in a DMB, `token:0x100000000 + 2<<24 + 0x10`.
 *
 * Operators bind as in C. Where C's order surprises (`a + 1 << 24` shifts the sum) parentheses are asked for instead of
 * guessing, because a wrong offset is another system's memory.
 */
import type { Input } from './hexInput';

type TokenKind = 'number' | 'token' | 'operator' | 'end';
interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly value: bigint;
  /** 1 for the first character. */
  readonly column: number;
}

/** Values by name, each below 2^64. */
export type OffsetNames = Pick<ReadonlyMap<string, bigint>, 'get'>;

/** The longest offset that is read, in characters. A token with all its terms has a tenth of it. */
export const LONGEST_OFFSET = 1000;
/** How deep parentheses can be nested. */
const DEEPEST = 32;

const LIMIT = 1n << 64n;
const SUFFIX_BITS: Readonly<Record<string, bigint>> = { k: 10n, m: 20n, g: 30n, t: 40n };
/** ISM_CREATE_REQ(dmb, idx, sf, offset) of drivers/s390/net/ism.h puts sf and offset into the 24 bits below idx. */
const TOKEN_LOW_BITS = 0xff_ffffn;

class Mistake extends Error {}
const fail = (message: string): never => {
  throw new Mistake(message);
};

/**
 * Evaluates an offset in bytes: decimal and hex numbers with `_` between digits and the suffixes K, M, G, T, the operators
 * `+ - * << |` and parentheses.
 *
 * After `token:NUMBER` the terms `idx<<24`, `sf<<23` and the offset are joined by `+` or `|`, each a term of its own; terms
 * that share bits are refused.
 *
 * @param names words that stand for a value, as those of `let` in a script
 * @returns the value, below 2^64, or one sentence that says what is wrong and at which column
 */
export function parseOffset(text: string, names: OffsetNames = new Map()): Input<bigint> {
  if (text.trim() === '')
    return { ok: false, why: 'Type an offset, for example 0x1000, 4K or (2 << 24) | 0x10.' };
  if (text.trim().length > LONGEST_OFFSET)
    return { ok: false, why: `An offset has at most ${LONGEST_OFFSET} characters; this one has more.` };
  try {
    return { ok: true, value: new Parser(tokens(text, names)).whole() };
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, why: error.message };
    throw error;
  }
}

function tokens(text: string, names: OffsetNames): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const blank = /^\s+/.exec(rest)?.[0];
    if (blank) {
      at += blank.length;
      continue;
    }
    const column = at + 1;
    const token = /^token:\s*/i.exec(rest)?.[0];
    const operator = /^(<<|[-+*|()])/.exec(rest)?.[0];
    const word = /^\w+/.exec(rest)?.[0];
    if (token) found.push({ kind: 'token', text: token, value: 0n, column });
    else if (operator) found.push({ kind: 'operator', text: operator, value: 0n, column });
    else if (word) {
      const value = names.get(word) ?? numberOf(word, column);
      found.push({ kind: 'number', text: word, value, column });
    } else
      fail(
        `'${[...rest][0] ?? ''}' at column ${column} does not belong into an offset; use numbers, + - * << | and parentheses.`,
      );
    at += (token ?? operator ?? word ?? '').length;
  }
  found.push({ kind: 'end', text: '', value: 0n, column: text.trimEnd().length + 1 });
  return found;
}

function numberOf(word: string, column: number): bigint {
  const match = /^(0x[0-9a-f]+(?:_[0-9a-f]+)*|[0-9]+(?:_[0-9]+)*)([kmgt])?$/i.exec(word);
  if (!match) {
    if (/^[0-9a-f]+$/i.test(word)) fail(`Write 0x${word} for the hex number at column ${column}.`);
    fail(`'${word}' at column ${column} is not a number; write 0x and hex digits, or decimal digits.`);
  }
  const digits = (match?.[1] ?? '0').replace(/_/g, '');
  return bounded(BigInt(digits) << (SUFFIX_BITS[match?.[2]?.toLowerCase() ?? ''] ?? 0n), column);
}

function bounded(value: bigint, column: number): bigint {
  if (value >= LIMIT) fail(`The value at column ${column} does not fit into 64 bits.`);
  if (value < 0n) fail(`The '-' at column ${column} makes the offset negative; an offset is 0 or more.`);
  return value;
}

class Parser {
  private at = 0;
  private depth = 0;
  constructor(private readonly list: readonly Token[]) {}

  whole(): bigint {
    const value = this.peek().kind === 'token' ? this.dmb() : this.or();
    const left = this.peek();
    if (left.kind === 'token')
      fail(`'token:' at column ${left.column} must come first; the other terms are added to it.`);
    if (left.kind !== 'end')
      fail(`'${left.text}' at column ${left.column} is not expected there; an operator may be missing.`);
    return value;
  }

  /** `token:T` and its terms. Here `+` joins fields, so that `T + 2<<24` is what it looks like. */
  private dmb(): bigint {
    this.next();
    const first = this.peek();
    if (first.kind !== 'number')
      fail(`A DMB token is missing at column ${first.column}; write token:0x and its digits.`);
    let value = this.primary();
    if ((value & TOKEN_LOW_BITS) !== 0n)
      fail(
        `The token at column ${first.column} has bits below 2^24 set; those hold the signal bit and the offset.`,
      );
    while (this.isOperator('+', '|')) {
      this.next();
      const { column } = this.peek();
      const term = this.shift(false);
      if ((value & term) !== 0n)
        fail(`The term at column ${column} shares bits with those before it; check index and offset.`);
      value |= term;
    }
    return value;
  }

  private or(): bigint {
    let value = this.shift(true);
    while (this.isOperator('|')) {
      this.next();
      value |= this.shift(true);
    }
    return value;
  }

  private shift(sums: boolean): bigint {
    const first = this.at;
    let value = sums ? this.sum() : this.product();
    while (this.isOperator('<<')) {
      const operator = this.next();
      this.refuseBareSum(first, operator);
      const start = this.at;
      const { column } = this.peek();
      const bits = sums ? this.sum() : this.product();
      this.refuseBareSum(start, operator);
      if (bits > 63n) fail(`The shift at column ${column} is more than 63 bits.`);
      value = bounded(value << bits, operator.column);
    }
    return value;
  }

  /** In C `a + b << 24` shifts the sum, which hardly anybody means. */
  private refuseBareSum(from: number, shift: Token): void {
    let depth = 0;
    for (const token of this.list.slice(from, this.at)) {
      if (token.text === '(') depth++;
      if (token.text === ')') depth--;
      if (depth === 0 && (token.text === '+' || token.text === '-'))
        fail(
          `'${token.text}' at column ${token.column} beside '<<' at column ${shift.column} can be read in two ways; put one of them in parentheses.`,
        );
    }
  }

  private sum(): bigint {
    let value = this.product();
    while (this.isOperator('+', '-')) {
      const operator = this.next();
      const right = this.product();
      value = bounded(operator.text === '+' ? value + right : value - right, operator.column);
    }
    return value;
  }

  private product(): bigint {
    let value = this.primary();
    while (this.isOperator('*')) {
      const operator = this.next();
      value = bounded(value * this.primary(), operator.column);
    }
    return value;
  }

  private primary(): bigint {
    const token = this.next();
    if (token.kind === 'number') return token.value;
    if (token.kind === 'token')
      return fail(`'token:' at column ${token.column} must come first; the other terms are added to it.`);
    if (token.text === '(') {
      if (++this.depth > DEEPEST)
        fail(`The '(' at column ${token.column} is more than ${DEEPEST} deep; take some of them away.`);
      const value = this.or();
      this.depth--;
      const close = this.next();
      if (close.text !== ')') fail(`The '(' at column ${token.column} is not closed; a ')' is missing.`);
      return value;
    }
    return token.kind === 'end'
      ? fail(`A number is missing at the end, column ${token.column}.`)
      : fail(`A number is missing before '${token.text}' at column ${token.column}.`);
  }

  private isOperator(...texts: string[]): boolean {
    const { kind, text } = this.peek();
    return kind === 'operator' && texts.includes(text);
  }

  private peek(): Token {
    return this.list[Math.min(this.at, this.list.length - 1)] as Token;
  }

  private next(): Token {
    const token = this.peek();
    this.at++;
    return token;
  }
}
