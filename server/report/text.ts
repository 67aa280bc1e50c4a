import { inPatch, located, type RunResult } from './report';

/** Colours of a terminal, or none. */
interface Paint {
  readonly strong: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
}

function paint(colour: boolean): Paint {
  const wrap = (code: number) => (text: string) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  return { strong: wrap(1), warn: wrap(35), dim: wrap(2) };
}

/** A source line without tabs, and the column of an offset in it. */
function expand(line: string, column: number): { text: string; column: number } {
  const before = line.slice(0, column).replace(/\t/g, '        ');
  return { text: before + line.slice(column).replace(/\t/g, '        '), column: before.length };
}

/** What is shown of a line at most; generated code has lines of a megabyte. */
const widest = 400;

/** The part of a line around a column. */
function clipped(
  line: { text: string; column: number },
  width: number,
): { text: string; column: number; width: number } {
  if (line.text.length <= widest) return { ...line, width };
  const from = Math.max(line.column - widest / 4, 0);
  const [before, behind] = [from > 0 ? '... ' : '', from + widest < line.text.length ? ' ...' : ''];
  const text = before + line.text.slice(from, from + widest) + behind;
  const column = line.column - from + before.length;
  return { text, column, width: Math.min(width, text.length - behind.length - column) };
}

/** A number and what it counts. */
export function counted(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

/**
 * The report for people.
 * @param result what was found
 * @param colour whether the terminal shows colours
 */
export function textReport(result: RunResult, colour: boolean): string {
  const { strong, warn, dim } = paint(colour);
  const out: string[] = [];
  for (const finding of result.findings) {
    const lines = result.linesOf(finding.path, finding);
    const at = located(finding, result);
    const severity = at.severity === 'info' ? 'note' : at.severity;
    out.push(
      `${strong(`${at.file}:${at.line}:${at.column}${inPatch(at)}:`)} ${warn(`${severity}:`)} ${at.message} [${at.rule}]`,
    );
    const source = lines?.lineText(at.line - 1) ?? '';
    const length = at.endLine === at.line ? at.endColumn - at.column : source.length - at.column + 1;
    const { text, column, width } = clipped(expand(source, at.column - 1), length);
    const gutter = String(at.line).padStart(6);
    out.push(`${gutter} | ${text}`);
    out.push(
      `${' '.repeat(gutter.length)} | ${' '.repeat(column)}${warn(`^${'~'.repeat(Math.max(width - 1, 0))}`)}`,
    );
    if (at.function) out.push(dim(`       in ${at.function}()`));
    for (const related of finding.related) {
      const place = result.linesOf(related.path, finding)?.position(related.start);
      out.push(
        dim(
          `       ${related.path}:${(place?.line ?? 0) + 1}:${(place?.column ?? 0) + 1}: ${related.message}`,
        ),
      );
    }
    out.push('');
  }
  for (const { file, reason } of result.skipped) out.push(`${file}: skipped: ${reason}`);
  const skipped = result.skipped.length ? `, ${result.skipped.length} skipped` : '';
  out.push(`${counted(result.findings.length, 'finding')} in ${counted(result.files, 'file')}${skipped}.`);
  return `${out.join('\n')}\n`;
}
