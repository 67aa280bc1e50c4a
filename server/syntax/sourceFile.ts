import { charge } from './budget';
import { Canvas } from './rewrite/canvas';
import { Fate, type Conditionals } from './lexer/conditionals';
import { splitItems, type Item } from './lexer/items';
import { LineTable } from './lineTable';
import { lex, TokenKind, type Lexed, type Span } from './lexer/tokens';
import { rewriteItem } from './rewrite/rewriteItem';
import { errorType } from './node';
import type { CParser, ParsedItem } from './parser';
import { repairItem, type RepairedItem } from './repair';

/** What the parser made of the items of an earlier version of a file, by their rewritten text. */
interface ItemCache {
  readonly parsed: Map<string, ParsedItem | undefined>;
  readonly repaired: Map<string, RepairedItem>;
}

/**
 * One version of one C file: read and split at once, parsed item by item when somebody asks. A new version takes over
 * the parsed items whose text has not changed, so that a keystroke costs the item it falls into.
 */
export class SourceFile {
  private lineTable: LineTable | undefined;
  private drawn: Canvas | undefined;
  /** The first item that was needed and nests too deeply, or took too long, to be parsed. */
  unread: Item | undefined;
  readonly items: readonly Item[];
  private readonly lexed: Lexed;
  private readonly conditionals: Conditionals;
  private readonly cache: ItemCache = { parsed: new Map(), repaired: new Map() };
  private readonly earlier: ItemCache | undefined;
  private readonly rewritten = new Map<Item, string>();

  /**
   * @param path how the file is called in messages
   * @param text its text
   * @param parser the grammar
   * @param previous an earlier version of the file
   * @param wrappers the known functions that the configuration says others stand for
   */
  constructor(
    readonly path: string,
    readonly text: string,
    private readonly parser: CParser,
    previous?: SourceFile,
    readonly wrappers: ReadonlyMap<string, string> = new Map(),
  ) {
    this.lexed = lex(text);
    const { items, conditionals } = splitItems(this.lexed.tokens);
    this.items = items;
    this.conditionals = conditionals;
    // One version back is enough, and a chain of versions would keep every text alive.
    this.earlier = previous?.cache;
  }

  /** Where the lines of the file begin. */
  get lines(): LineTable {
    this.lineTable ??= new LineTable(this.text);
    return this.lineTable;
  }

  /** The text without what the conditionals take away; the rewrite changes it item by item. */
  private get canvas(): Canvas {
    if (!this.drawn) {
      this.drawn = new Canvas(this.text);
      const { tokens } = this.lexed;
      for (let index = 0; index < tokens.length; index++)
        if (this.conditionals.fates[index] === Fate.Drop)
          this.drawn.blank(tokens.start(index), tokens.end(index));
    }
    return this.drawn;
  }

  /** The comments of the file, in order. */
  get comments(): Lexed['comments'] {
    return this.lexed.comments;
  }

  /** The text of an item as the parser sees it: as long as the original, and different where the kernel's C is. */
  rewrite(item: Item): string {
    let text = this.rewritten.get(item);
    if (text === undefined) {
      const suffix = rewriteItem(this.lexed.tokens, item, this.canvas);
      text = this.canvas.slice(item.start, item.end) + suffix;
      this.rewritten.set(item, text);
    }
    return text;
  }

  /**
   * The tree of an item, with offsets relative to the item.
   * @param item one of the file's items
   * @returns undefined for an item that nests too deeply or takes too long
   */
  parse(item: Item): ParsedItem | undefined {
    const text = this.rewrite(item);
    const { parsed } = this.cache;
    if (!parsed.has(text)) {
      const known = this.earlier?.parsed;
      parsed.set(text, known?.has(text) ? known.get(text) : charge(this.path, () => this.parser.parse(text)));
    }
    const result = parsed.get(text);
    if (!result) this.unread ??= item;
    return result;
  }

  /**
   * The tree of an item as `parse` gives it; for one that the grammar cannot read because a line of it is half-typed, the
   * tree without that line.
   */
  parseRepaired(item: Item): RepairedItem | undefined {
    const parsed = this.parse(item);
    if (!parsed || !parsed.errors.some((node) => node.type === errorType))
      return parsed && { ...parsed, holes: [] };
    const text = this.rewrite(item);
    const repaired =
      this.cache.repaired.get(text) ??
      this.earlier?.repaired.get(text) ??
      repairItem(parsed, text, (changed) => this.parser.parse(changed));
    this.cache.repaired.set(text, repaired);
    return repaired;
  }

  /** Whether an identifier stands among the first `count` tokens of an item. */
  spellsBefore(item: Item, word: string, count: number): boolean {
    const { tokens } = this.lexed;
    return item.tokens.slice(0, count).some((index) => tokens.isSpelled(index, word));
  }

  /** The spellings of the tokens of an item, for questions that need no grammar; wrappers as what they stand for. */
  spellings(item: Item): string[] {
    const words = item.tokens.map((index) => this.lexed.tokens.spelling(index));
    return this.wrappers.size > 0 ? words.map((word) => this.wrappers.get(word) ?? word) : words;
  }

  /** Whether an item contains an identifier, for a first look before anything is parsed. */
  spells(item: Item, word: string): boolean {
    const { tokens } = this.lexed;
    const text = this.text.slice(item.start, item.end);
    for (const each of this.wrappers.size > 0 ? [word, ...this.wrappersOf(word)] : [word]) {
      // Most items do not even contain it, which a search in their text says sooner than their tokens do.
      if (!text.includes(each)) continue;
      for (const index of item.tokens)
        if (tokens.kind(index) === TokenKind.Identifier && tokens.isSpelled(index, each)) return true;
    }
    return false;
  }

  /** Whether the text of an item contains a word, or a wrapper of it; it need not be a whole identifier. */
  mentions(item: Item, word: string): boolean {
    const text = this.text.slice(item.start, item.end);
    return text.includes(word) || this.wrappersOf(word).some((each) => text.includes(each));
  }

  private wrappersOf(word: string): string[] {
    if (this.wrappers.size === 0) return [];
    return [...this.wrappers].flatMap(([wrapper, known]) => (known === word ? [wrapper] : []));
  }

  /** Where the n-th token of an item stands. */
  tokenSpan(item: Item, at: number): Span {
    const index = item.tokens[at] ?? -1;
    return { start: this.lexed.tokens.start(index), end: this.lexed.tokens.end(index) };
  }

  /** Where the name of a function item stands. */
  nameSpan(item: Item): Span {
    return this.tokenSpan(item, item.nameAt);
  }

  /** The name of a function item. */
  functionName(item: Item): string {
    return this.lexed.tokens.spelling(item.tokens[item.nameAt] ?? -1);
  }
}
