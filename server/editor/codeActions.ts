import { CodeActionKind, type CodeAction, type Range, type TextEdit } from 'vscode-languageserver/node';
import { suppressCommand, suppressComment, type SuppressRequest } from '../../protocol/lint';
import type { Finding, Fix } from '../rules/rule';
import { toDiagnostic, rangeOf } from './diagnostics';
import type { Linter } from './linter';

function overlaps(a: Range, b: Range): boolean {
  return a.start.line <= b.end.line && b.start.line <= a.end.line;
}

function editsOf(fix: Fix, linter: Linter): Record<string, TextEdit[]> {
  const changes: Record<string, TextEdit[]> = {};
  for (const edit of fix.edits)
    (changes[linter.uriOf(edit.path)] ??= []).push({ range: rangeOf(edit, linter), newText: edit.text });
  return changes;
}

/** What suppresses a finding: a command that asks for the reason, or an edit that leaves its place empty. */
function suppression(uri: string, finding: Finding, linter: Linter, asksForReasons: boolean): CodeAction {
  const { line } = rangeOf(finding, linter).start;
  const lines = linter.linesOf(finding.path);
  const indent = /^[ \t]*/.exec(lines?.lineText(line) ?? '')?.[0] ?? '';
  const isContinued = line > 0 && /\\$/.test(lines?.lineText(line - 1) ?? '');
  const ending = `${isContinued ? ' \\' : ''}${lines?.lineEnd(line) ?? '\n'}`;
  const request: SuppressRequest = { uri, rule: finding.rule, line, indent, ending };
  const title = `Suppress ${finding.rule} here, with a reason`;
  const at = { line, character: 0 };
  // Without a reason the comment has no effect, and the finding says so: nothing is hidden by a mere click.
  const newText = `${indent}${suppressComment(finding.rule, '')}${ending}`;
  return asksForReasons
    ? {
        title,
        kind: CodeActionKind.QuickFix,
        command: { title, command: suppressCommand, arguments: [request] },
      }
    : {
        title,
        kind: CodeActionKind.QuickFix,
        edit: { changes: { [uri]: [{ range: { start: at, end: at }, newText }] } },
      };
}

/**
 * The quick fixes for a stretch of a document.
 * @param uri the document
 * @param range the stretch
 * @param linter knows the findings
 * @param asksForReasons whether the client has the command that asks for a reason
 */
export function codeActions(
  uri: string,
  range: Range,
  linter: Linter,
  asksForReasons: boolean,
): CodeAction[] {
  const actions: CodeAction[] = [];
  for (const finding of linter.findingsOf(uri)) {
    if (!overlaps(rangeOf(finding, linter), range)) continue;
    const diagnostics = [toDiagnostic(finding, linter, () => undefined)];
    const { fix } = finding;
    if (fix)
      actions.push({
        title: fix.safe ? fix.title : `${fix.title} (read the change)`,
        kind: CodeActionKind.QuickFix,
        diagnostics,
        isPreferred: fix.safe,
        edit: { changes: editsOf(fix, linter) },
      });
    if (!/^(unused|unknown)-suppression$/.test(finding.rule))
      actions.push({ ...suppression(uri, finding, linter, asksForReasons), diagnostics });
  }
  return actions;
}
