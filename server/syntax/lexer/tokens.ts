/** What a token is. Comments and white space are no tokens: nothing in them may ever be rewritten. */
export const enum TokenKind {
  Identifier,
  Number,
  String,
  Character,
  Punctuator,
  /** A whole preprocessor line with its continuation lines, from `#` to the end of the line. */
  Directive,
}

/** The tokens of one file in parallel arrays: a file of 100 KB has 25,000 of them, too many for objects. */
export class TokenList {
  private kinds: Uint8Array;
  private starts: Uint32Array;
  private ends: Uint32Array;
  private count = 0;

  /** @param text the text the offsets point into */
  constructor(readonly text: string) {
    // The kernel's C has a token for every six or seven bytes.
    const room = (text.length >> 2) + 16;
    this.kinds = new Uint8Array(room);
    this.starts = new Uint32Array(room);
    this.ends = new Uint32Array(room);
  }

  /** How many tokens there are. */
  get length(): number {
    return this.count;
  }

  /** Appends a token. */
  push(kind: TokenKind, start: number, end: number): void {
    if (this.count === this.kinds.length) this.grow();
    this.kinds[this.count] = kind;
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
  }

  private grow(): void {
    // A token has at least one byte.
    this.resize(Math.min(this.count * 2, this.text.length) + 16);
  }

  /** Gives back the room that no token needs, when that is most of it. */
  trim(): void {
    if (this.count < this.kinds.length / 2) this.resize(this.count);
  }

  private resize(room: number): void {
    const { kinds, starts, ends, count } = this;
    this.kinds = new Uint8Array(room);
    this.starts = new Uint32Array(room);
    this.ends = new Uint32Array(room);
    this.kinds.set(kinds.subarray(0, count));
    this.starts.set(starts.subarray(0, count));
    this.ends.set(ends.subarray(0, count));
  }

  /** The kind of the token at `index`, or undefined outside the list. */
  kind(index: number): TokenKind | undefined {
    return index < this.count ? this.kinds[index] : undefined;
  }

  /** Where the token at `index` starts; the end of the text outside the list. */
  start(index: number): number {
    return index >= 0 && index < this.count ? (this.starts[index] ?? 0) : this.text.length;
  }

  /** Where the token at `index` ends (exclusive); the end of the text outside the list. */
  end(index: number): number {
    return index >= 0 && index < this.count ? (this.ends[index] ?? 0) : this.text.length;
  }

  /** The spelling of the token at `index`, or the empty string outside the list. */
  spelling(index: number): string {
    return index >= 0 && index < this.length ? this.text.slice(this.starts[index], this.ends[index]) : '';
  }

  /** Whether a token is spelled like this; much cheaper than to compare spellings, which have to be made first. */
  isSpelled(index: number, word: string): boolean {
    const start = this.starts[index];
    return (
      start !== undefined &&
      index < this.count &&
      this.ends[index] === start + word.length &&
      this.text.startsWith(word, start)
    );
  }

  /** The code of the token's first character, or 0 outside the list. */
  first(index: number): number {
    return index >= 0 && index < this.length ? this.text.charCodeAt(this.starts[index] ?? 0) : 0;
  }

  /** Whether the token at `index` is the punctuator whose first character has this code. */
  is(index: number, code: number): boolean {
    return this.kind(index) === TokenKind.Punctuator && this.first(index) === code;
  }
}

/** A stretch of text, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The outcome of reading a text: its tokens and, apart from them, its comments. */
export interface Lexed {
  readonly tokens: TokenList;
  readonly comments: readonly Span[];
}

/** Character codes the scanners compare with. */
export const Char = {
  Tab: 9,
  NewLine: 10,
  Return: 13,
  Quote: 34,
  Hash: 35,
  Apostrophe: 39,
  OpenParen: 40,
  CloseParen: 41,
  Star: 42,
  Plus: 43,
  Comma: 44,
  Minus: 45,
  Dot: 46,
  Slash: 47,
  Colon: 58,
  Semicolon: 59,
  Equals: 61,
  OpenBracket: 91,
  Backslash: 92,
  CloseBracket: 93,
  OpenBrace: 123,
  CloseBrace: 125,
} as const;

/** Whether a code unit may begin an identifier; everything beyond ASCII counts, so that it never becomes punctuation. */
function beginsIdentifier(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    code === 36 ||
    (code >= 0x80 && code !== 0xfeff && code !== 0xa0)
  );
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Where a quoted literal ends: behind its closing quote, or at the end of the line for one that is still being typed. */
function endOfQuoted(text: string, start: number, quote: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === Char.Backslash) {
      if (text.charCodeAt(at + 1) === Char.Return && text.charCodeAt(at + 2) === Char.NewLine) at++;
      at++;
    } else if (code === quote) return at + 1;
    else if (code === Char.NewLine) return text.charCodeAt(at - 1) === Char.Return ? at - 1 : at;
  }
  return Math.min(at, text.length);
}

/** Where a block comment ends; the end of the text for one that is never closed. */
function endOfBlockComment(text: string, start: number): number {
  const close = text.indexOf('*/', start + 2);
  return close < 0 ? text.length : close + 2;
}

/** Where a line ends that backslashes may continue: at its line break, which is not part of it. */
function endOfLogicalLine(text: string, start: number): number {
  let at = start;
  for (;;) {
    const newLine = text.indexOf('\n', at);
    if (newLine < 0) return text.length;
    const last = text.charCodeAt(newLine - 1) === Char.Return ? newLine - 1 : newLine;
    if (text.charCodeAt(last - 1) !== Char.Backslash) return last;
    at = newLine + 1;
  }
}

/** Where a directive ends. Its comments are reported; a block comment in it may span lines. */
function endOfDirective(text: string, start: number, comments: Span[]): number {
  let lineEnd = endOfLogicalLine(text, start);
  for (let at = start; at < lineEnd; at++) {
    const code = text.charCodeAt(at);
    if (code === Char.Quote || code === Char.Apostrophe) {
      at = Math.min(endOfQuoted(text, at, code), lineEnd) - 1;
    } else if (code === Char.Slash && text.charCodeAt(at + 1) === Char.Slash) {
      comments.push({ start: at, end: lineEnd });
      return lineEnd;
    } else if (code === Char.Slash && text.charCodeAt(at + 1) === Char.Star) {
      const end = endOfBlockComment(text, at);
      comments.push({ start: at, end });
      if (end > lineEnd) lineEnd = endOfLogicalLine(text, end);
      at = end - 1;
    }
  }
  return lineEnd;
}

/** The punctuators of more than one character that must stay whole: an ellipsis and the arrow of a member access. */
function punctuatorLength(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === Char.Dot && text.charCodeAt(at + 1) === Char.Dot && text.charCodeAt(at + 2) === Char.Dot)
    return 3;
  if (code === Char.Minus && text.charCodeAt(at + 1) === 62) return 2;
  if (text.charCodeAt(at + 1) === Char.Equals && '=!<>+-*/%&|^'.includes(text.charAt(at))) return 2;
  if (code === text.charCodeAt(at + 1) && '&|<>+-'.includes(text.charAt(at))) return 2;
  return 1;
}

function endOfWord(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && (beginsIdentifier(text.charCodeAt(at)) || isDigit(text.charCodeAt(at)))) at++;
  return at;
}

/** Where a number ends: like the preprocessor's numbers, with suffixes, dots and signed exponents of floats. */
function endOfNumber(text: string, start: number): number {
  let at = start;
  for (;;) {
    at = endOfWord(text, at);
    if (text.charCodeAt(at) !== Char.Dot || text.charCodeAt(at + 1) === Char.Dot) return at;
  }
}

/**
 * Reads a C text into tokens and comments. It never fails: an unclosed string ends with its line, an unclosed comment
 * with the text, and what is no C at all becomes punctuators.
 * @param text the text, any line ends
 */
export function lex(text: string): Lexed {
  const tokens = new TokenList(text);
  const comments: Span[] = [];
  let lineBegins = true;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    let end = at + 1;
    if (code === Char.NewLine) lineBegins = true;
    else if (code <= 32 || code === Char.Backslash || code === 0xfeff || code === 0xa0) {
      // White space, a continuation, a byte order mark.
    } else if (code === Char.Slash && text.charCodeAt(at + 1) === Char.Slash) {
      end = endOfLogicalLine(text, at);
      comments.push({ start: at, end });
    } else if (code === Char.Slash && text.charCodeAt(at + 1) === Char.Star) {
      end = endOfBlockComment(text, at);
      comments.push({ start: at, end });
    } else {
      if (code === Char.Hash && lineBegins) {
        end = endOfDirective(text, at, comments);
        tokens.push(TokenKind.Directive, at, end);
      } else if (code === Char.Quote || code === Char.Apostrophe) {
        end = endOfQuoted(text, at, code);
        tokens.push(code === Char.Quote ? TokenKind.String : TokenKind.Character, at, end);
      } else if (isDigit(code) || (code === Char.Dot && isDigit(text.charCodeAt(at + 1)))) {
        end = endOfNumber(text, at);
        tokens.push(TokenKind.Number, at, end);
      } else if (beginsIdentifier(code)) {
        end = endOfWord(text, at);
        tokens.push(TokenKind.Identifier, at, end);
      } else {
        end = at + punctuatorLength(text, at);
        tokens.push(TokenKind.Punctuator, at, end);
      }
      lineBegins = false;
    }
    at = end;
  }
  tokens.trim();
  return { tokens, comments };
}
