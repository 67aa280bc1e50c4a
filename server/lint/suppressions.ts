import type { SourceFile } from '../syntax/sourceFile';
import type { Span } from '../syntax/lexer/tokens';
import { changed } from '../rules/report';
import type { Finding } from '../rules/rule';
import { likeRule } from './likeRule';

/** A comment `ism-lint-ignore RULE: reason`. */
interface Suppression {
  readonly rules: readonly string[];
  readonly reason: string;
  /** The lines of the comment, from zero. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** Where the comment is. */
  readonly span: Span;
}

/** A comment that wants to be a suppression and names no rule. */
const nameless = /^\/[/*][\s*]*ism-lint-ignore(?:\s*[:*]|\s*$)/;

const pattern = /ism-lint-ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)\s*(?::([\s\S]*))?/;

/** The suppressions of a file. */
function readSuppressions(source: SourceFile): Suppression[] {
  const found: Suppression[] = [];
  for (const comment of source.comments) {
    const text = source.text.slice(comment.start, comment.end).replace(/\*\/$/, '');
    const match = pattern.exec(text);
    if (!match?.[1] && !nameless.test(text)) continue;
    found.push({
      rules: match?.[1]?.split(',').map((name) => name.trim()) ?? [],
      reason: (match?.[2] ?? '').replace(/^[ \t]*\*/gm, '').trim(),
      firstLine: source.lines.position(comment.start).line,
      span: { start: comment.start, end: comment.end },
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

/** What can be wrong with a suppression itself; they are no rules, and nothing suppresses them. */
export const suppressionChecks = ['unused-suppression', 'unknown-suppression'] as const;

function about(path: string, rule: (typeof suppressionChecks)[number], span: Span, message: string): Finding {
  return { path, rule, severity: 'warning', ...span, function: '', message, related: [] };
}

/** The suppressions of a file that name no rule, or a rule that was run and found nothing there. */
function* idle(
  path: string,
  suppressions: readonly Suppression[],
  used: ReadonlySet<string>,
  known: ReadonlySet<string>,
  ran: ReadonlySet<string>,
): Generator<Finding> {
  for (const { rules, span } of suppressions) {
    if (rules.length === 0)
      yield about(
        path,
        'unknown-suppression',
        span,
        'This comment names no rule and suppresses nothing. Write ism-lint-ignore RULE: reason.',
      );
    for (const rule of rules)
      if (!known.has(rule))
        yield about(path, 'unknown-suppression', span, `There is no rule '${rule}'. ${meant(rule, known)}`);
      else if (ran.has(rule) && !used.has(`${span.start} ${rule}`))
        yield about(
          path,
          'unused-suppression',
          span,
          `The rule ${rule} finds nothing here. Remove this comment.`,
        );
  }
}

function meant(rule: string, known: ReadonlySet<string>): string {
  const near = likeRule(rule, known);
  return near === undefined ? 'ism-lint --list-rules prints all rules.' : `Did you mean '${near}'?`;
}

/**
 * Takes away the findings that a comment with a reason suppresses: on the same line, on the line before, or before the
 * function. A comment without a reason suppresses nothing, and the finding says so. A comment that suppresses nothing is
 * a finding itself.
 * @param findings findings of any files
 * @param sourceOf gives the source of a file
 * @param paths the files whose comments are looked at, findings or not
 * @param known the ids of all rules
 * @param ran the ids of the rules that were run on a file
 */
export function applySuppressions(
  findings: readonly Finding[],
  sourceOf: (path: string) => SourceFile | undefined,
  paths: readonly string[] = [],
  known: ReadonlySet<string> = new Set(),
  ran: (path: string) => ReadonlySet<string> = () => new Set(),
): Finding[] {
  const kept: Finding[] = [];
  const byFile = new Map<string, Suppression[]>();
  const used = new Map<string, Set<string>>();
  for (const path of new Set([...paths, ...findings.map((finding) => finding.path)])) {
    const source = sourceOf(path);
    byFile.set(path, source ? readSuppressions(source) : []);
    used.set(path, new Set());
  }
  for (const finding of findings) {
    const source = sourceOf(finding.path);
    if (!source) continue;
    const { line } = source.lines.position(finding.start);
    const head = functionLine(source, finding.start);
    const fitting = (byFile.get(finding.path) ?? []).filter(
      ({ rules, firstLine, lastLine }) =>
        rules.includes(finding.rule) &&
        (firstLine === line || lastLine === line - 1 || (head !== undefined && lastLine === head - 1)),
    );
    for (const { span } of fitting) used.get(finding.path)?.add(`${span.start} ${finding.rule}`);
    if (fitting.some((each) => each.reason !== '')) continue;
    kept.push(
      fitting.length === 0
        ? finding
        : changed(finding, {
            message: `${finding.message} The ism-lint-ignore comment has no effect without a reason. Write one after a colon.`,
          }),
    );
  }
  for (const path of paths)
    kept.push(...idle(path, byFile.get(path) ?? [], used.get(path) ?? new Set(), known, ran(path)));
  return kept;
}
