import type { MailLine } from './mailLine';

/** A line of a mail and how deeply it is quoted. */
export interface QuotedLine extends MailLine {
  /** How many `>` stand before it. */
  readonly depth: number;
  /** How long the line was with all that stands before it: a mailer breaks long ones. */
  readonly width: number;
}

/** Takes the `> ` away from the beginning of a line. */
export function unquote({ text, raw }: MailLine): QuotedLine {
  const marks = /^(?:> ?)+/.exec(text)?.[0] ?? '';
  return {
    text: text.slice(marks.length),
    raw,
    depth: marks.replace(/ /g, '').length,
    width: text.length,
  };
}

/** Whether a line is the header of a hunk or of a file of a diff. */
const isHeader = (text: string): boolean =>
  /^(@@ -\d|diff --git |\+\+\+ \S|--- (a\/|\/dev\/null))/.test(text);

/**
 * How deeply the patches of a mail are quoted: each depth at which there is one, the outermost first. What is not quoted
 * is prose unless it has the headers of a diff.
 */
export function patchDepths(lines: readonly QuotedLine[]): number[] {
  const found = new Map<number, { headers: number; added: number }>();
  for (const { depth, text } of lines) {
    const count = found.get(depth) ?? { headers: 0, added: 0 };
    if (isHeader(text)) count.headers++;
    else if (/^\+/.test(text)) count.added++;
    found.set(depth, count);
  }
  return [...found]
    .filter(([depth, { headers, added }]) => headers > 0 || (depth > 0 && added >= 3))
    .map(([depth]) => depth)
    .sort((a, b) => a - b);
}

const words =
  '(?:snip|snipped|cut|trim|trimmed|skip|skipped|omitted|removed|deleted|elided|(?<!\\d)\\d+ lines(?: \\w+){0,6}|(?<!\\.)\\.{2,}(?!\\.)|\u2026)';
// eslint-disable-next-line regexp/no-super-linear-backtracking -- of less than 80 characters, a few microseconds
const bare = new RegExp(`^[\\s[<({*=~8>|:-]*(?:${words}[\\s\\])>}*=~8<|:-]*){1,3}[.!]?$`, 'i');
const scissors = /^(?:-+\s*)?(?:8<|>8)[-\s8<>]*$/;
const bracketed = new RegExp(
  `^(?:[[<(]+\\s*${words}\\s*[\\])>]+|-{2,}\\s*${words}(?:\\s*-+)?|\\.{3}|\u2026)$`,
  'i',
);

/**
 * Whether a line says that lines were cut out here: `[...]`, `--- snip ---`, `<snip>`, `...` and their like.
 * @param text the line
 * @param isCode whether it carries the sign of a diff, where a plain word such as `skip:` is C
 */
export function isCutMark(text: string, isCode = false): boolean {
  if (text.length >= 80) return false;
  const mark = text.trim();
  return isCode ? bracketed.test(mark) : bare.test(mark) || scissors.test(mark);
}
