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

function count(number: number, word: string): string {
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
    const { text, column } = expand(source, at.column - 1);
    const width = at.endLine === at.line ? at.endColumn - at.column : source.length - at.column + 1;
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
  out.push(`${count(result.findings.length, 'finding')} in ${count(result.files, 'file')}${skipped}.`);
  return `${out.join('\n')}\n`;
}
