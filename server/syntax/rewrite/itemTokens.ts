import type { Canvas } from './canvas';
import type { Item } from '../lexer/items';
import { Char, TokenKind, type TokenList } from '../lexer/tokens';
import { Word, wordBits } from '../lexer/words';

/** The tokens of one item as the passes of the rewrite see them: annotations gone, brackets paired. */
export class ItemTokens {
  /** For each bracket the position of its partner, else -1. */
  readonly partner: Int32Array;
  /** Indexes into the token list. */
  private readonly list: Uint32Array;
  /** The kind of each token. */
  private readonly kinds: Uint8Array;
  /** The first character of each punctuator; 0 for anything else. */
  private readonly punctuators: Uint8Array;
  /** What is to know of each word. */
  private readonly bits: Uint16Array;
  /** What is to know of all words together: most passes look for words that most items do not have. */
  private all = 0;
  readonly length: number;
  /** Position of the opening brace of the function's body, or -1. */
  readonly bodyAt: number = -1;
  /** Position of the function's name, or -1. */
  readonly nameAt: number = -1;

  /**
   * Blanks the annotations of an item and takes the tokens that are left.
   * @param tokens the tokens of the file
   * @param item the item
   * @param canvas the text of the file, which is changed
   */
  constructor(
    readonly tokens: TokenList,
    item: Item,
    readonly canvas: Canvas,
  ) {
    const room = item.tokens.length;
    this.list = new Uint32Array(room);
    this.kinds = new Uint8Array(room);
    this.punctuators = new Uint8Array(room);
    this.bits = new Uint16Array(room);
    let count = 0;
    for (let at = 0; at < room; at++) {
      const index = item.tokens[at] ?? -1;
      const kind = tokens.kind(index) ?? TokenKind.Punctuator;
      const bits = kind === TokenKind.Identifier ? wordBits(tokens, index) : 0;
      if (bits & (Word.Annotation | Word.AnnotationCall)) {
        const call = (bits & Word.AnnotationCall) !== 0;
        if (!call || tokens.is(item.tokens[at + 1] ?? -1, Char.OpenParen)) {
          canvas.blank(tokens.start(index), tokens.end(index));
          if (call) at = this.blankArguments(item, at + 1);
          continue;
        }
      }
      if (at === item.bodyAt) this.bodyAt = count;
      if (at === item.nameAt) this.nameAt = count;
      this.list[count] = index;
      this.kinds[count] = kind;
      this.punctuators[count] = kind === TokenKind.Punctuator ? tokens.first(index) : 0;
      this.bits[count++] = bits;
      this.all |= bits;
    }
    this.length = count;
    this.partner = new Int32Array(count).fill(-1);
    this.pairBrackets();
  }

  /** Blanks the parentheses that begin at a token of an item, and gives the place of the last one that went. */
  private blankArguments(item: Item, at: number): number {
    let depth = 0;
    for (; at < item.tokens.length; at++) {
      const index = item.tokens[at] ?? -1;
      this.canvas.blank(this.tokens.start(index), this.tokens.end(index));
      if (this.tokens.is(index, Char.OpenParen)) depth++;
      else if (this.tokens.is(index, Char.CloseParen) && --depth === 0) break;
    }
    return at;
  }

  private pairBrackets(): void {
    const open: number[] = [];
    for (let at = 0; at < this.length; at++) {
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

  private index(at: number): number {
    return at >= 0 && at < this.length ? (this.list[at] ?? -1) : -1;
  }

  /** The first character of the punctuator at this position; 0 for anything else. */
  punctuator(at: number): number {
    return at >= 0 && at < this.length ? (this.punctuators[at] ?? 0) : 0;
  }

  is(at: number, code: number): boolean {
    return this.punctuator(at) === code;
  }

  kind(at: number): TokenKind | undefined {
    return at >= 0 && at < this.length ? this.kinds[at] : undefined;
  }

  isIdentifier(at: number): boolean {
    return this.kind(at) === TokenKind.Identifier;
  }

  /** Whether the token is a word of this sort. */
  isWord(at: number, word: Word): boolean {
    return at >= 0 && at < this.length && ((this.bits[at] ?? 0) & word) !== 0;
  }

  /** Whether any token is a word of this sort. */
  hasWord(word: Word): boolean {
    return (this.all & word) !== 0;
  }

  /** Whether the token is a name that may be called. */
  isName(at: number): boolean {
    return this.isIdentifier(at) && !this.isWord(at, Word.NoCallee);
  }

  spelling(at: number): string {
    return this.tokens.spelling(this.index(at));
  }

  /** Whether the token is spelled like this. */
  isSpelled(at: number, word: string): boolean {
    return this.tokens.isSpelled(this.index(at), word);
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
