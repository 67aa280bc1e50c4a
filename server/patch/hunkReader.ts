import type { Hunk, HunkLine } from './filePatch';
import { isCutMark, type QuotedLine } from './quoting';

/** The shortest line that a mailer may have broken. */
const brokenWidth = 58;

/** Whether a line is prose rather than the end of a line of C that was broken. */
const isSentence = (text: string): boolean => /^[A-Z][a-z']*\b/.test(text) && /[.?!]$/.test(text.trimEnd());

function lineOf({ text, raw }: Pick<QuotedLine, 'text' | 'raw'>): HunkLine {
  const kind = text.startsWith('+') ? 'added' : text.startsWith('-') ? 'removed' : 'context';
  return { kind, text: text.slice(1), raw };
}

/** What an `@@ -1,2 +3,4 @@` says. */
export interface HunkHeader {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
}

/** Reads the header of a hunk. */
export function readHunkHeader(text: string): HunkHeader | undefined {
  const match = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/.exec(text);
  if (!match) return undefined;
  return {
    oldStart: Number(match[1]),
    oldCount: Number(match[2] ?? 1),
    newStart: Number(match[3]),
    newCount: Number(match[4] ?? 1),
  };
}

/**
 * Takes the lines of one hunk, one after the other, as a mail may have left them: broken, with prose between them, with
 * lines cut out.
 */
export class HunkReader {
  private readonly lines: HunkLine[] = [];
  private oldLeft: number;
  private newLeft: number;
  private previous: QuotedLine | undefined;
  private lost = false;

  constructor(
    private readonly header: HunkHeader | undefined,
    private readonly raw: number,
  ) {
    this.oldLeft = header?.oldCount ?? Infinity;
    this.newLeft = header?.newCount ?? Infinity;
  }

  /** Whether all lines that the header promises are there. */
  get isFull(): boolean {
    return this.oldLeft <= 0 && this.newLeft <= 0;
  }

  /** Whether a line carries the sign of a diff, or is an empty line whose blank was lost. */
  static hasSign(text: string): boolean {
    return text === '' || /^[ +\-\\]/.test(text);
  }

  /** A line at the depth of the patch. */
  take(line: QuotedLine): void {
    const { text, raw } = line;
    if (text.startsWith('\\')) return;
    // An empty line of a quotation is no line of the file where the file has no old lines left.
    if (text === '' && this.oldLeft <= 0) return;
    if (isCutMark(text, /^[ +]/.test(text)) || (/^[ +]/.test(text) && isCutMark(text.slice(1), true))) {
      this.mark('gap', raw);
      return;
    }
    if (!HunkReader.hasSign(text)) {
      if (!this.joins(line)) this.mark('seam', raw);
      return;
    }
    const read = lineOf({ text, raw });
    if (read.kind !== 'added') this.oldLeft--;
    if (read.kind !== 'removed') this.newLeft--;
    this.lines.push(read);
    this.previous = line;
  }

  /** A line behind those that the header promises. */
  takeMore(line: QuotedLine): void {
    this.newLeft = Math.min(this.newLeft, 0) - 1;
    this.lines.push(lineOf(line));
    this.previous = undefined;
  }

  /** Lines that are quoted less or more deeply, and stand between two lines of the patch. */
  interrupt(lines: readonly QuotedLine[]): void {
    const told = lines.filter(({ text }) => text.trim() !== '');
    const [first] = told;
    if (!first) return;
    if (told.some(({ text }) => isCutMark(text))) this.mark('gap', first.raw);
    else if (!(lines.length === 1 && !isSentence(first.text) && this.joins(first)))
      this.mark('seam', first.raw);
  }

  /** Puts the rest of a line that a mailer broke back behind its beginning. */
  private joins(line: QuotedLine): boolean {
    const last = this.lines.at(-1);
    const { previous } = this;
    if (!last || !previous || last.kind === 'gap' || last.kind === 'seam') return false;
    if (previous.width < brokenWidth || !/^\S/.test(line.text)) return false;
    this.lines[this.lines.length - 1] = { ...last, text: `${last.text} ${line.text}` };
    this.previous = { ...line, width: line.width };
    return true;
  }

  private mark(kind: 'gap' | 'seam', raw: number): void {
    const last = this.lines.at(-1);
    if (kind === 'gap') this.lost = true;
    if (last?.kind === 'seam' && kind === 'gap') this.lines.pop();
    if (last?.kind !== 'gap' && (last?.kind !== 'seam' || kind === 'gap'))
      this.lines.push({ kind, text: '', raw });
    this.previous = undefined;
  }

  /** The hunk, when nothing of it comes any more. */
  finish(): Hunk {
    const { header } = this;
    const exact = header !== undefined && !this.lost && this.oldLeft === 0 && this.newLeft === 0;
    return {
      oldStart: header?.oldStart,
      newStart: header?.newStart,
      // If the count is right, the text between the lines replaced none.
      lines: exact ? this.lines.filter(({ kind }) => kind !== 'seam') : this.lines,
      exact,
      raw: this.raw,
    };
  }
}
