import type { Canvas } from '../canvas';
import { Char, TokenKind, type TokenList } from '../tokens';

/** Words after which a parenthesis holds a condition or a type, never the arguments of a call. */
const keywords = new Set(
  (
    'if while for switch return case do else goto sizeof typeof __typeof__ __typeof typeof_unqual defined asm __asm__ ' +
    '__asm _Alignof alignof __alignof__ __alignof _Generic _Static_assert break continue default struct union enum ' +
    'static const volatile int char void long short unsigned signed float double extern inline'
  ).split(' '),
);

/** The tokens of one item as the passes of the rewrite see them: annotations gone, brackets paired. */
export class ItemTokens {
  /** For each bracket the position of its partner, else -1. */
  readonly partner: Int32Array;

  constructor(
    readonly tokens: TokenList,
    /** Indexes into the token list. */
    readonly list: readonly number[],
    readonly canvas: Canvas,
    /** Position in `list` of the opening brace of the function's body, or -1. */
    readonly bodyAt: number,
  ) {
    this.partner = new Int32Array(list.length).fill(-1);
    this.pairBrackets();
  }

  private pairBrackets(): void {
    const open: number[] = [];
    for (let at = 0; at < this.list.length; at++) {
      switch (this.punctuator(at)) {
        case Char.OpenParen:
        case Char.OpenBrace:
        case Char.OpenBracket:
          open.push(at);
          break;
        case Char.CloseParen:
        case Char.CloseBrace:
        case Char.CloseBracket: {
          const top = open.at(-1);
          // A closing bracket of the wrong kind closes nothing: the text is half-typed.
          if (top === undefined || !this.pairs(top, at)) break;
          open.pop();
          this.partner[top] = at;
          this.partner[at] = top;
        }
      }
    }
  }

  private pairs(open: number, close: number): boolean {
    const codes = `${String.fromCharCode(this.punctuator(open))}${String.fromCharCode(this.punctuator(close))}`;
    return codes === '()' || codes === '{}' || codes === '[]';
  }

  get length(): number {
    return this.list.length;
  }

  private index(at: number): number {
    return this.list[at] ?? -1;
  }

  /** The first character of the punctuator at this position; 0 for anything else. */
  punctuator(at: number): number {
    const index = this.index(at);
    return this.tokens.kind(index) === TokenKind.Punctuator ? this.tokens.first(index) : 0;
  }

  is(at: number, code: number): boolean {
    return this.punctuator(at) === code;
  }

  kind(at: number): TokenKind | undefined {
    return this.tokens.kind(this.index(at));
  }

  isIdentifier(at: number): boolean {
    return this.kind(at) === TokenKind.Identifier;
  }

  /** Whether the token is a name that may be called. */
  isName(at: number): boolean {
    return this.isIdentifier(at) && !keywords.has(this.spelling(at));
  }

  spelling(at: number): string {
    return this.tokens.spelling(this.index(at));
  }

  start(at: number): number {
    return this.tokens.start(this.index(at));
  }

  end(at: number): number {
    return this.tokens.end(this.index(at));
  }

  /**
   * The position of the bracket that closes the one at `open`. One that is never closed counts as empty: taking it to the
   * end of the item would make half-typed text slow and would rewrite what does not belong to it.
   */
  closing(open: number): number {
    const partner = this.partner[open] ?? -1;
    return partner < 0 ? open : partner;
  }

  /** Blanks the tokens from one position to another, both included, and leaves comments between them alone. */
  blank(from: number, to: number): void {
    for (let at = from; at <= to && at < this.length; at++)
      if (this.kind(at) !== TokenKind.Directive) this.canvas.blank(this.start(at), this.end(at));
  }

  /** Replaces the token at a position by a word. */
  write(at: number, word: string): void {
    this.canvas.write(this.start(at), this.end(at), word);
  }

  /** Splits what is between two brackets at its commas: pairs of positions, both included; empty ones are left out. */
  split(open: number, close: number): [from: number, to: number][] {
    const parts: [number, number][] = [];
    let from = open + 1;
    for (let at = open + 1; at <= close; at++) {
      if (at === close || this.is(at, Char.Comma)) {
        if (at > from) parts.push([from, at - 1]);
        from = at + 1;
      } else if ((this.partner[at] ?? -1) > at) at = Math.min(this.closing(at), close - 1);
    }
    return parts;
  }
}
