import type { FilePatch, Hunk, HunkLine } from './filePatch';
import type { Origin } from './snapshot';

/** How many lines of context at each end of a hunk may differ, as with patch(1). */
const maxFuzz = 2;

/** Comparisons of lines for one file; no patch that a person made comes near. */
const maxWork = 20_000_000;

/** A file behind a patch. */
export interface Applied {
  readonly text: string;
  /** By line of the new text, from 0. */
  readonly origins: ReadonlyMap<number, Origin>;
  /** The lines that were added and taken away, by the line, from 0, of the new text. */
  readonly changes: readonly { readonly line: number; readonly raw: number }[];
}

const isLine = ({ kind }: HunkLine): boolean => kind !== 'gap' && kind !== 'seam';
const withoutBlanks = (line: string): string => line.replace(/\s+/g, ' ').trim();

/** Finds hunks in the lines of a file. */
class Finder {
  private readonly plain: string[];
  private blankless: string[] | undefined;
  private work = 0;

  constructor(lines: readonly string[]) {
    this.plain = lines.map((line) => line.replace(/\r$/, ''));
  }

  private in(blanks: boolean): readonly string[] {
    if (blanks) return this.plain;
    return (this.blankless ??= this.plain.map(withoutBlanks));
  }

  private matches(wanted: readonly string[], at: number, blanks: boolean): boolean {
    const lines = this.in(blanks);
    if (at < 0 || at + wanted.length > lines.length || this.work > maxWork) return false;
    for (let index = 0; index < wanted.length; index++) {
      this.work++;
      if (lines[at + index] !== wanted[index]) return false;
    }
    return true;
  }

  /** The place nearest to the expected one at which all lines stand as they are. */
  nearest(wanted: readonly string[], expected: number, from: number): number | undefined {
    for (let offset = 0; offset <= this.plain.length; offset++)
      for (const at of offset === 0 ? [expected] : [expected - offset, expected + offset])
        if (at >= from && this.matches(wanted, at, true)) return at;
    return undefined;
  }

  /** The one place at which lines stand; undefined when there are several. */
  only(wanted: readonly string[], from: number, blanks: boolean): number | undefined {
    const lines = blanks ? wanted : wanted.map(withoutBlanks);
    // Lines with nothing in them stand everywhere.
    if (!lines.some((line) => /\w/.test(line))) return undefined;
    let found: number | undefined;
    for (let at = from; at + lines.length <= this.plain.length; at++)
      if (this.matches(lines, at, blanks)) {
        if (found !== undefined) return undefined;
        found = at;
      }
    return found;
  }
}

/** Where a hunk stands in a file, and how many of its lines of context at either end do not. */
function place(
  finder: Finder,
  hunk: Hunk,
  expected: number,
  from: number,
  quoted: boolean,
): { at: number; head: number; tail: number } | undefined {
  const old = hunk.lines.filter(({ kind }) => kind === 'context' || kind === 'removed');
  const wanted = old.map(({ text }) => text);
  if (wanted.length === 0) return { at: Math.max(expected + 1, from), head: 0, tail: 0 };
  const at = finder.nearest(wanted, expected, from);
  if (at !== undefined) return { at, head: 0, tail: 0 };
  const loose = quoted ? finder.only(wanted, from, false) : undefined;
  if (loose !== undefined) return { at: loose, head: 0, tail: 0 };
  const context = (list: readonly HunkLine[]): number => {
    const first = list.findIndex(({ kind }) => kind !== 'context');
    return first < 0 ? 0 : first;
  };
  for (let fuzz = 1; fuzz <= maxFuzz; fuzz++) {
    const head = Math.min(fuzz, context(hunk.lines));
    const tail = Math.min(fuzz, context([...hunk.lines].reverse()));
    const inner = wanted.slice(head, wanted.length - tail);
    const found = inner.length > 0 ? finder.only(inner, from, !quoted) : undefined;
    if (found !== undefined) return { at: found, head, tail };
  }
  return undefined;
}

/**
 * Applies a patch to the text of a file: where it says, else at the nearest place where its lines stand, else with a
 * line or two of context ignored, when there is but one such place.
 * @param text the file
 * @param patch the patch
 * @returns the file behind the patch, or the number of the hunk, from 1, that has no place in it
 */
export function applyHunks(text: string, patch: FilePatch): Applied | { readonly failed: number } {
  const endsWithLine = text.endsWith('\n');
  const lines = (endsWithLine ? text.slice(0, -1) : text).split('\n');
  const finder = new Finder(lines);
  const out: string[] = [];
  const origins = new Map<number, Origin>();
  const changes: { line: number; raw: number }[] = [];
  let from = 0;
  let drift = 0;
  for (const [index, hunk] of patch.hunks.entries()) {
    if (!hunk.exact || hunk.oldStart === undefined || !hunk.lines.every(isLine)) return { failed: index + 1 };
    const expected = hunk.oldStart - 1 + drift;
    const found = place(finder, hunk, expected, from, patch.quoted);
    if (!found || found.at > lines.length) return { failed: index + 1 };
    drift += found.at - found.head - expected;
    for (; from < found.at; from++) out.push(lines[from] ?? '');
    const inner = hunk.lines.slice(found.head, hunk.lines.length - found.tail);
    for (const { kind, text: line, raw } of inner) {
      if (kind !== 'context') changes.push({ line: out.length, raw });
      if (kind === 'removed') {
        from++;
        continue;
      }
      origins.set(out.length, { raw, touched: kind === 'added' });
      out.push(kind === 'context' ? (lines[from++] ?? '') : line);
    }
  }
  for (; from < lines.length; from++) out.push(lines[from] ?? '');
  return { text: out.join('\n') + (endsWithLine ? '\n' : ''), origins, changes };
}
