import type { IndexedText } from './indexedText';

/** Below so many files it is quicker to ask each of them. */
const few = 32;

/** Some files, and which of them hold a word: what is asked of a folder again and again, once for each file in it. */
export class TextIndex {
  private readonly mentioned = new Map<string, boolean>();
  private byWord: Map<string, IndexedText[]> | undefined;
  private readonly out = new Set<string>();

  /** @param texts the files, in order; they do not change */
  constructor(readonly texts: readonly IndexedText[]) {}

  /** Takes a file for an empty one from now on; what is known of the others stays. */
  leaveOut(path: string): void {
    this.out.add(path);
    this.mentioned.clear();
  }

  private readonly isIn = ({ path }: IndexedText): boolean => !this.out.has(path);

  /** Whether one of them contains a text anywhere. */
  mentions(word: string): boolean {
    let answer = this.mentioned.get(word);
    if (answer === undefined) {
      answer = this.texts.some((each) => this.isIn(each) && each.mentions(word));
      this.mentioned.set(word, answer);
    }
    return answer;
  }

  /** Those in which an identifier stands, in order. */
  spelling(word: string): readonly IndexedText[] {
    if (this.texts.length <= few) return this.texts.filter((each) => this.isIn(each) && each.spells(word));
    this.byWord ??= this.index();
    const found = this.byWord.get(word) ?? [];
    return this.out.size === 0 ? found : found.filter(this.isIn);
  }

  private index(): Map<string, IndexedText[]> {
    const found = new Map<string, IndexedText[]>();
    for (const text of this.texts)
      for (const word of text.knownWords()) {
        const known = found.get(word);
        if (known) known.push(text);
        else found.set(word, [text]);
      }
    return found;
  }
}
