import { Canvas } from './canvas';
import { Fate, type Conditionals } from './conditionals';
import { splitItems, type Item } from './items';
import { LineTable } from './lineTable';
import { lex, TokenKind, type Lexed, type Span } from './tokens';
import { rewriteItem } from './rewrite/rewriteItem';
import { errorType } from './node';
import type { CParser, ParsedItem } from './parser';
import { repairItem, type RepairedItem } from './repair';

/** What the parser made of the items of an earlier version of a file, by their rewritten text. */
type ItemCache = Map<string, ParsedItem | undefined>;

/**
 * One version of one C file: read and split at once, parsed item by item when somebody asks. A new version takes over
 * the parsed items whose text has not changed, so that a keystroke costs the item it falls into.
 */
export class SourceFile {
  readonly lines: LineTable;
  readonly items: readonly Item[];
  private readonly lexed: Lexed;
  private readonly conditionals: Conditionals;
  private readonly canvas: Canvas;
  private readonly cache: ItemCache = new Map();
  private readonly earlier: ItemCache | undefined;
  private readonly rewritten = new Map<Item, string>();
  private readonly repairs = new Map<Item, RepairedItem>();

  /**
   * @param path how the file is called in messages
   * @param text its text
   * @param parser the grammar
   * @param previous an earlier version of the file
   */
  constructor(
    readonly path: string,
    readonly text: string,
    private readonly parser: CParser,
    previous?: SourceFile,
  ) {
    this.lines = new LineTable(text);
    this.lexed = lex(text);
    const { items, conditionals } = splitItems(this.lexed.tokens);
    this.items = items;
    this.conditionals = conditionals;
    this.canvas = new Canvas(text);
    const { tokens } = this.lexed;
    for (let index = 0; index < tokens.length; index++)
      if (this.conditionals.fates[index] === Fate.Drop)
        this.canvas.blank(tokens.start(index), tokens.end(index));
    // One version back is enough, and a chain of versions would keep every text alive.
    this.earlier = previous?.cache;
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
   * @param deadline when to give up, in milliseconds of performance.now()
   * @returns undefined for an item that nests too deeply or takes too long
   */
  parse(item: Item, deadline?: number): ParsedItem | undefined {
    const text = this.rewrite(item);
    if (this.cache.has(text)) return this.cache.get(text);
    const parsed = this.earlier?.has(text) ? this.earlier.get(text) : this.parser.parse(text, deadline);
    this.cache.set(text, parsed);
    return parsed;
  }

  /**
   * The tree of an item as `parse` gives it; for one that the grammar cannot read because a line of it is half-typed, the
   * tree without that line.
   */
  parseRepaired(item: Item, deadline?: number): RepairedItem | undefined {
    const parsed = this.parse(item, deadline);
    if (!parsed || !parsed.errors.some((node) => node.type === errorType))
      return parsed && { ...parsed, holes: [] };
    const known = this.repairs.get(item);
    if (known) return known;
    const repaired = repairItem(parsed, this.rewrite(item), (text) => this.parser.parse(text, deadline));
    this.repairs.set(item, repaired);
    return repaired;
  }

  /** Whether an identifier stands among the first `count` tokens of an item. */
  spellsBefore(item: Item, word: string, count: number): boolean {
    const { tokens } = this.lexed;
    return item.tokens.slice(0, count).some((index) => tokens.spelling(index) === word);
  }

  /** The spellings of the tokens of an item, for questions that need no grammar. */
  spellings(item: Item): string[] {
    return item.tokens.map((index) => this.lexed.tokens.spelling(index));
  }

  /** Whether an item contains an identifier, for a first look before anything is parsed. */
  spells(item: Item, word: string): boolean {
    const { tokens } = this.lexed;
    return item.tokens.some(
      (index) => tokens.kind(index) === TokenKind.Identifier && tokens.spelling(index) === word,
    );
  }

  /** Where the name of a function item stands. */
  nameSpan(item: Item): Span {
    const index = item.tokens[item.nameAt] ?? -1;
    return { start: this.lexed.tokens.start(index), end: this.lexed.tokens.end(index) };
  }

  /** The name of a function item. */
  functionName(item: Item): string {
    return this.lexed.tokens.spelling(item.tokens[item.nameAt] ?? -1);
  }
}
