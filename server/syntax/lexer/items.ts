import {
  branches,
  dropAlternatives,
  dropLines,
  Fate,
  findConditionals,
  type Conditionals,
} from './conditionals';
import { Char, TokenKind, type TokenList } from './tokens';
import { Word, wordBits } from './words';

/**
 * What stands at the top level of a file. A file is split into items before anything is parsed, because then an
 * unfinished function cannot spoil its neighbours, only what is asked for is parsed, and after a keystroke all items but
 * one are the old ones.
 */
export type ItemKind = 'function' | 'declaration' | 'invocation' | 'directive';

/** One function, declaration, macro invocation or preprocessor line. */
export interface Item {
  readonly kind: ItemKind;
  /** Offsets into the text. */
  readonly start: number;
  readonly end: number;
  /** Its tokens without those that the conditionals take away, as indexes into the token list. */
  readonly tokens: readonly number[];
  /** Of a function: the index in `tokens` of its name and of its opening brace. */
  readonly nameAt: number;
  readonly bodyAt: number;
}

/** Splits the tokens of a file into items. */
class Splitter {
  readonly items: Item[] = [];
  private current: number[] = [];
  private curly = 0;
  private round = 0;
  private bodyAt = -1;
  private sawEquals = false;
  /** Braces of `extern "C" {`, which hold items rather than being part of one. */
  private linkage = 0;

  constructor(
    private readonly tokens: TokenList,
    private readonly conditionals: Conditionals,
    /** Whether braces do not pair up, so that the layout has to help. */
    private readonly unbalanced: boolean,
  ) {}

  run(): void {
    for (let index = 0; index < this.tokens.length; index++) {
      if (this.tokens.kind(index) === TokenKind.Directive) this.directive(index);
      else if (this.conditionals.fates[index] !== Fate.Drop) this.token(index);
    }
    this.finish();
  }

  private directive(index: number): void {
    const { byLine, fates } = this.conditionals;
    const conditional = byLine.get(index);
    if (fates[index] === Fate.Drop) return;
    if (this.curly === 0 && this.round === 0 && this.isInvocation()) this.finish();
    if (this.current.length === 0) {
      this.items.push(this.item('directive', [index]));
      return;
    }
    if (conditional?.opening === index) {
      // A conditional inside an item: the grammar takes it between statements only.
      const last = this.current.at(-1) ?? -1;
      const ends = branches(conditional).map(([, to]) => to - 1);
      const statements = this.bodyAt >= 0 && [last, ...ends].every((at) => this.endsStatement(at));
      if (statements && this.round === 0) this.current.push(index);
      else if (ends.every((at) => this.endsElement(at))) dropLines(conditional, fates);
      else dropAlternatives(conditional, fates);
    } else if (conditional) this.current.push(index);
    else {
      // A definition or a pragma inside an item becomes an item of its own: no grammar has a place for it there.
      fates[index] = Fate.Drop;
      this.items.push(this.item('directive', [index]));
    }
  }

  private endsStatement(index: number): boolean {
    const { tokens } = this;
    return (
      tokens.kind(index) === TokenKind.Directive ||
      tokens.is(index, Char.Semicolon) ||
      tokens.is(index, Char.OpenBrace) ||
      tokens.is(index, Char.CloseBrace) ||
      tokens.is(index, Char.Colon)
    );
  }

  private endsElement(index: number): boolean {
    return this.endsStatement(index) || this.tokens.is(index, Char.Comma);
  }

  private token(index: number): void {
    const { tokens } = this;
    if (this.mustResync(index)) this.finish();
    if (this.current.length > 0 && this.curly === 0 && this.round === 0 && this.isFinishedInvocation(index))
      this.finish();
    this.current.push(index);
    if (tokens.kind(index) !== TokenKind.Punctuator) return;
    switch (tokens.first(index)) {
      case Char.OpenParen:
        this.round++;
        break;
      case Char.CloseParen:
        if (this.round > 0) this.round--;
        break;
      case Char.OpenBrace:
        this.openBrace();
        break;
      case Char.CloseBrace:
        this.closeBrace(index);
        break;
      case Char.Equals:
        if (this.curly === 0 && this.round === 0 && tokens.end(index) - tokens.start(index) === 1)
          this.sawEquals = true;
        break;
      case Char.Semicolon:
        // Macro arguments may hold statements, as those of TRACE_EVENT do; in half-typed text a parenthesis is missing.
        if (this.curly === 0 && (this.round === 0 || this.unbalanced)) this.finish();
        break;
    }
  }

  private openBrace(): void {
    const { current, tokens } = this;
    if (this.curly === 0 && tokens.kind(current.at(-2) ?? -1) === TokenKind.String) {
      this.linkage++;
      this.reset();
      return;
    }
    if (this.curly === 0 && !this.sawEquals && this.functionName(current.length - 2) >= 0) {
      this.bodyAt = current.length - 1;
      this.round = 0;
    }
    this.curly++;
  }

  private closeBrace(index: number): void {
    if (this.curly === 0) {
      if (this.linkage > 0 && this.current.length === 1) this.linkage--;
      this.finish();
      return;
    }
    this.curly = this.unbalanced && this.atMargin(index) ? 0 : this.curly - 1;
    if (this.curly === 0 && this.bodyAt >= 0) this.finish();
  }

  /** Whether a token stands in the first column. */
  private atMargin(index: number): boolean {
    const start = this.tokens.start(index);
    return start === 0 || this.tokens.text.charCodeAt(start - 1) === Char.NewLine;
  }

  /**
   * Whether a new item certainly begins here although the current one is not closed: in half-typed text a word such as
   * `static` in the first column is worth more than the count of braces.
   */
  private mustResync(index: number): boolean {
    if (!this.unbalanced || this.current.length === 0 || !this.atMargin(index)) return false;
    if (this.tokens.kind(index) !== TokenKind.Identifier) return false;
    const spelling = this.tokens.spelling(index);
    if (this.curly > 0)
      return /^(static|struct|enum|union|typedef|extern|int|void|long|const|MODULE_\w+)$/.test(spelling);
    const lastIsBrace = this.tokens.is(this.current.at(-1) ?? -1, Char.CloseBrace);
    return (this.round > 0 || lastIsBrace) && /^(static|typedef|extern)$/.test(spelling);
  }

  /** Whether the current item is `NAME(arguments)` without a semicolon and the next item begins with this token. */
  private isFinishedInvocation(index: number): boolean {
    if (!this.isInvocation()) return false;
    const { tokens } = this;
    if (tokens.kind(index) !== TokenKind.Identifier) return false;
    const last = this.current.at(-1) ?? -1;
    return tokens.text.slice(tokens.end(last), tokens.start(index)).includes('\n');
  }

  /** Whether the current tokens are a name and its parentheses, perhaps with a storage class and a semicolon. */
  private isInvocation(): boolean {
    const { current, tokens } = this;
    const first = /^(static|extern)$/.test(tokens.spelling(current[0] ?? -1)) ? 1 : 0;
    const nameAt = current[first] ?? -1;
    if (tokens.kind(nameAt) !== TokenKind.Identifier || !tokens.is(current[first + 1] ?? -1, Char.OpenParen))
      return false;
    const endAt = tokens.is(current.at(-1) ?? -1, Char.Semicolon) ? -2 : -1;
    if (!tokens.is(current.at(endAt) ?? -1, Char.CloseParen)) return false;
    let depth = 0;
    for (let at = first + 1; at < current.length + endAt; at++) {
      const index = current[at] ?? -1;
      if (tokens.is(index, Char.OpenParen)) depth++;
      else if (tokens.is(index, Char.CloseParen) && --depth === 0) return false;
    }
    return true;
  }

  /** The index in `current` of the name of the function whose parameters end at `at`, or -1. */
  private functionName(at: number): number {
    const { current, tokens } = this;
    while (at > 0) {
      const index = current[at] ?? -1;
      if (tokens.kind(index) === TokenKind.Identifier && wordBits(tokens, index) & Word.Annotation) {
        at--;
        continue;
      }
      if (!tokens.is(index, Char.CloseParen)) return -1;
      let depth = 0;
      for (; at >= 0; at--) {
        if (tokens.is(current[at] ?? -1, Char.CloseParen)) depth++;
        else if (tokens.is(current[at] ?? -1, Char.OpenParen) && --depth === 0) break;
      }
      const name = at - 1;
      if (name < 0 || tokens.kind(current[name] ?? -1) !== TokenKind.Identifier) return -1;
      if (!(wordBits(tokens, current[name] ?? -1) & Word.AnnotationCall)) return name;
      at = name - 1;
    }
    return -1;
  }

  private item(kind: ItemKind, list: number[]): Item {
    const nameAt = kind === 'function' ? this.functionName(this.bodyAt - 1) : -1;
    return {
      kind,
      start: this.tokens.start(list[0] ?? 0),
      end: this.tokens.end(list.at(-1) ?? 0),
      tokens: list,
      nameAt,
      bodyAt: kind === 'function' ? this.bodyAt : -1,
    };
  }

  private finish(): void {
    if (this.current.length > 0) {
      const kind = this.bodyAt >= 0 ? 'function' : this.isInvocation() ? 'invocation' : 'declaration';
      this.items.push(this.item(kind, this.current));
    }
    this.reset();
  }

  private reset(): void {
    this.current = [];
    this.curly = 0;
    this.round = 0;
    this.bodyAt = -1;
    this.sawEquals = false;
  }
}

/** Whether the brackets of the whole file do not pair up, as while something is being typed. */
function isUnbalanced(tokens: TokenList, conditionals: Conditionals): boolean {
  let curly = 0;
  let round = 0;
  for (let index = 0; index < tokens.length; index++) {
    if (tokens.kind(index) !== TokenKind.Punctuator || conditionals.fates[index] === Fate.Drop) continue;
    const code = tokens.first(index);
    if (code === Char.OpenBrace) curly++;
    else if (code === Char.CloseBrace && --curly < 0) return true;
    else if (code === Char.OpenParen) round++;
    else if (code === Char.CloseParen && --round < 0) return true;
  }
  return curly !== 0 || round !== 0;
}

/**
 * Splits a file into its items, in the order of the text.
 * @param tokens the tokens of the file
 */
export function splitItems(tokens: TokenList): { items: Item[]; conditionals: Conditionals } {
  const conditionals = findConditionals(tokens);
  const splitter = new Splitter(tokens, conditionals, isUnbalanced(tokens, conditionals));
  splitter.run();
  splitter.items.sort((a, b) => a.start - b.start);
  return { items: splitter.items, conditionals };
}
