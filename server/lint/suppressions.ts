import type { SourceFile } from '../syntax/sourceFile';
import type { Finding } from '../rules/rule';

/** A comment `ism-lint-ignore RULE: reason`. */
interface Suppression {
  readonly rules: readonly string[];
  readonly reason: string;
  /** The lines of the comment, from zero. */
  readonly firstLine: number;
  readonly lastLine: number;
}

const pattern = /ism-lint-ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)\s*(?::([\s\S]*))?/;

/** The suppressions of a file. */
function readSuppressions(source: SourceFile): Suppression[] {
  const found: Suppression[] = [];
  for (const comment of source.comments) {
    const text = source.text.slice(comment.start, comment.end).replace(/\*\/$/, '');
    const match = pattern.exec(text);
    if (!match?.[1]) continue;
    found.push({
      rules: match[1].split(',').map((name) => name.trim()),
      reason: (match[2] ?? '').replace(/^[ \t]*\*/gm, '').trim(),
      firstLine: source.lines.position(comment.start).line,
      lastLine: source.lines.position(Math.max(comment.end - 1, comment.start)).line,
    });
  }
  return found;
}

/** The line on which the function around an offset begins. */
function functionLine(source: SourceFile, offset: number): number | undefined {
  const item = source.items.find(
    (each) => each.kind === 'function' && each.start <= offset && offset < each.end,
  );
  return item && source.lines.position(item.start).line;
}

/**
 * Takes away the findings that a comment with a reason suppresses: on the same line, on the line before, or before the
 * function. A comment without a reason suppresses nothing, and the finding says so.
 * @param findings findings of any files
 * @param sourceOf gives the source of a file
 */
export function applySuppressions(
  findings: readonly Finding[],
  sourceOf: (path: string) => SourceFile | undefined,
): Finding[] {
  const kept: Finding[] = [];
  const byFile = new Map<string, Suppression[]>();
  for (const finding of findings) {
    const source = sourceOf(finding.path);
    if (!source) continue;
    const suppressions = byFile.get(finding.path) ?? readSuppressions(source);
    byFile.set(finding.path, suppressions);
    const { line } = source.lines.position(finding.start);
    const head = functionLine(source, finding.start);
    const fitting = suppressions.filter(
      ({ rules, firstLine, lastLine }) =>
        rules.includes(finding.rule) &&
        (firstLine === line || lastLine === line - 1 || (head !== undefined && lastLine === head - 1)),
    );
    if (fitting.some((each) => each.reason !== '')) continue;
    kept.push(
      fitting.length === 0
        ? finding
        : {
            ...finding,
            message: `${finding.message} The ism-lint-ignore comment here has no effect because it gives no reason: write one after a colon.`,
          },
    );
  }
  return kept;
}
