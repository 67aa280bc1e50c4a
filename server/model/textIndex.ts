import type { IndexedText } from './indexedText';

/** Below so many files it is quicker to ask each of them. */
const few = 32;

/** Some files, and which of them hold a word: what is asked of a folder again and again, once for each file in it. */
export class TextIndex {
  private readonly mentioned = new Map<string, boolean>();
  private byWord: Map<string, IndexedText[]> | undefined;

  /** @param texts the files, in order; they do not change */
  constructor(readonly texts: readonly IndexedText[]) {}

  /** Whether one of them contains a text anywhere. */
  mentions(word: string): boolean {
    let answer = this.mentioned.get(word);
    if (answer === undefined) {
      answer = this.texts.some((each) => each.mentions(word));
      this.mentioned.set(word, answer);
    }
    return answer;
  }

  /** Those in which an identifier stands, in order. */
  spelling(word: string): readonly IndexedText[] {
    if (this.texts.length <= few) return this.texts.filter((each) => each.spells(word));
    this.byWord ??= this.index();
    return this.byWord.get(word) ?? [];
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
