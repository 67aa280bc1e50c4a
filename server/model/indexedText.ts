import { bookTo } from '../syntax/budget';
import { mayDefine } from './mayDefine';

/** From this length on what is asked of a text is booked to it; below it costs less than the booking. Characters. */
const worthBooking = 32 * 1024;

/** A slot of a table of device operations that is assigned. */
const slotPattern = /\b(?:get_region_info\w*|ioctl)\s*=[^=]/;

/** Whether a table of device operations may begin in a text. */
function beginsTable(text: string): boolean {
  const stop = /[;=(){}]/g;
  for (const { index } of text.matchAll(/\bvfio_device_ops\s/g)) {
    // What one stop has answered is not asked again for the words before it.
    if (index < stop.lastIndex) continue;
    stop.lastIndex = index;
    const found = stop.exec(text);
    if (!found) return false;
    if (found[0] === '=') return true;
  }
  return false;
}

/** Where a macro is defined. */
const macroPattern = /#\s*define\s*(\w+)/g;

/** Headers that the kernel's own files never include. */
const userSpacePattern =
  /^[ \t]*#[ \t]*include[ \t]*[<"](sys\/|stdio\.h|stdlib\.h|unistd\.h|fcntl\.h|stdint\.h|inttypes\.h|errno\.h|rte_)/m;

/** The names of functions whose definition seems to begin in the first column, as the kernel's style asks for. */
function* functionsAtMargin(text: string): Generator<string> {
  let brace = 0;
  let semicolon = 0;
  const next = (letter: string, known: number, from: number): number =>
    known < 0 || known >= from ? known : text.indexOf(letter, from);
  for (const match of text.matchAll(/^(?!static\b|#)[A-Za-z_][\w \t*]*?\b(\w+)\(/gm)) {
    brace = next('{', brace, match.index);
    semicolon = next(';', semicolon, match.index);
    if (match[1] && brace >= 0 && (semicolon < 0 || brace < semicolon)) yield match[1];
  }
}

/** The folder of a path with slashes of any kind; empty for a bare name. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'), 0));
}

/**
 * One version of a file as seen from outside: enough to know whom it concerns, without reading it as C. Rules ask the same
 * questions again and again, after each keystroke too, so every answer is kept.
 */
export class IndexedText {
  readonly folder: string;
  private readonly mentioned = new Map<string, boolean>();
  private searches = 0;
  private wordSet: ReadonlySet<string> | undefined;
  private defined: readonly string[] | undefined;
  private macroNames: ReadonlySet<string> | undefined;
  private readonly functionNames = new Map<string, boolean>();
  private table: boolean | undefined;
  private program: boolean | undefined;

  /**
   * @param path where the file is
   * @param text its text
   * @param wrappers the known functions that others in it stand for
   */
  constructor(
    readonly path: string,
    readonly text: string,
    readonly wrappers: ReadonlyMap<string, string> = new Map(),
  ) {
    this.folder = folderOf(path);
  }

  /** Whether a text stands in it anywhere. */
  mentions(word: string): boolean {
    let answer = this.mentioned.get(word);
    if (answer === undefined) {
      answer = this.atItsCost(() => this.text.includes(word) || this.wraps(word));
      this.mentioned.set(word, answer);
    }
    return answer;
  }

  /** Whether an identifier stands in it, perhaps in a comment. */
  spells(word: string): boolean {
    // The words of a text cost about as much as six searches through it.
    if (this.wordSet || ++this.searches > 6) return this.words.has(word) || this.wraps(word);
    return this.mentions(word);
  }

  /** Whether it defines a macro with this name, perhaps in a comment or a part that is compiled out. */
  mayDefineMacro(name: string): boolean {
    this.macroNames ??= this.atItsCost(
      () => new Set([...this.text.matchAll(macroPattern)].map((match) => match[1] ?? '')),
    );
    return this.macroNames.has(name);
  }

  /** Whether it may define a function with this name. */
  mayDefine(name: string): boolean {
    let answer = this.functionNames.get(name);
    if (answer === undefined) {
      answer = this.atItsCost(() => this.spells(name) && mayDefine(this.text, name));
      this.functionNames.set(name, answer);
    }
    return answer;
  }

  /** What a long text is asked is booked to it, and not to the file beside it for whose sake it is asked. */
  private atItsCost<T>(work: () => T): T {
    return this.text.length < worthBooking ? work() : bookTo(this.path, work);
  }

  /** Whether a function stands in it that the configuration calls a wrapper of this one. */
  private wraps(word: string): boolean {
    for (const [wrapper, known] of this.wrappers)
      if (known === word && this.text.includes(wrapper)) return true;
    return false;
  }

  /** All words for which {@link spells} says yes. They are not kept: an index of many files keeps them already. */
  knownWords(): ReadonlySet<string> {
    return bookTo(this.path, () => {
      const found = new Set<string>(this.wordSet);
      if (!this.wordSet) for (const [word] of this.text.matchAll(/[A-Za-z_]\w*/g)) found.add(word);
      for (const [wrapper, known] of this.wrappers) if (this.text.includes(wrapper)) found.add(known);
      return found;
    });
  }

  /** All words in it, comments included. */
  get words(): ReadonlySet<string> {
    this.wordSet ??= this.atItsCost(() => new Set(this.text.match(/[A-Za-z_]\w*/g)));
    return this.wordSet;
  }

  /** The names of the functions that it seems to define for other files. */
  get defines(): readonly string[] {
    this.defined ??= this.atItsCost(() => [...functionsAtMargin(this.text)]);
    return this.defined;
  }

  /** Whether it may hold a table of device operations. */
  get mayHoldTable(): boolean {
    this.table ??= this.atItsCost(() => slotPattern.test(this.text) || beginsTable(this.text));
    return this.table;
  }

  /** Whether it is a program of user space. */
  get isUserSpace(): boolean {
    this.program ??= this.atItsCost(() => userSpacePattern.test(this.text));
    return this.program;
  }
}
