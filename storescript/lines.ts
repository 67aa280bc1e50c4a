/** A script's text as lines of words. Nothing is refused here: what is no word of the language, the parser says. */
import type { Span } from './diagnostic';

/** A word, or a text in quotes with its quotes; `closed` is false for a text whose second quote is missing. */
export interface Word extends Span {
  readonly kind: 'word' | 'text';
  readonly text: string;
  readonly closed: boolean;
}

/** A line that has words. `end` is before the line break, and before a comment with the blanks that lead to it. */
export interface Line extends Span {
  /** From 0, as editors count. */
  readonly number: number;
  /** Where the line begins, with its indentation. */
  readonly base: number;
  readonly words: readonly [Word, ...Word[]];
  /** Whether it is longer than any statement can be; `words` are those of its beginning then. */
  readonly isTooLong: boolean;
}

/** The longest line that is read, in characters: 4096 bytes in the longest form take a third of it. */
export const LONGEST_LINE = 100_000;

const TOKEN = /[ \t\r\f\v]+|#.*|"(?:\\.|[^"\\])*("?)|[^ \t\r\f\v#"]+|\\|"/gy;

/** The lines that have words, in order. Lines end with `\n`, before which a `\r` is a blank. */
export function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  let number = 0;
  for (let start = 0; start <= text.length; number++) {
    const next = text.indexOf('\n', start);
    const stop = next < 0 ? text.length : next;
    const words = wordsOf(text.slice(start, Math.min(stop, start + LONGEST_LINE)), start);
    const [first] = words;
    // A comment may be as long as it likes.
    const isTooLong = stop - start > LONGEST_LINE && (words.at(-1)?.end ?? 0) === start + LONGEST_LINE;
    if (first)
      lines.push({
        number,
        base: start,
        start: first.start,
        end: isTooLong ? stop : (words.at(-1) ?? first).end,
        words: words as [Word, ...Word[]],
        isTooLong,
      });
    start = stop + 1;
  }
  return lines;
}

function wordsOf(line: string, base: number): Word[] {
  const words: Word[] = [];
  TOKEN.lastIndex = 0;
  // Other line separators of Unicode are matched by no `.`: what is left of such a line is one word.
  for (let at = 0; at < line.length;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(line)?.[0] ?? line.slice(at);
    if (found.startsWith('"'))
      words.push({
        kind: 'text',
        text: found,
        closed: found.length > 1 && /^"(?:\\.|[^"\\])*"$/s.test(found),
        start: base + at,
        end: base + at + found.length,
      });
    else if (!/^[ \t\r\f\v#]/.test(found))
      words.push({
        kind: 'word',
        text: found,
        closed: true,
        start: base + at,
        end: base + at + found.length,
      });
    at += found.length;
  }
  return words;
}
