import type { LineTable } from '../syntax/lineTable';
import type { Finding } from '../rules/rule';
import type { LintReport, ReportedFinding, SkippedFile } from '../../protocol/lint';

/** Everything a run of ism-lint found, before it is written down. */
export interface RunResult {
  readonly findings: readonly Finding[];
  readonly skipped: readonly SkippedFile[];
  /** How many files were skipped as a whole. */
  readonly unreadable: number;
  /** How many files were named or found. */
  readonly files: number;
  /** The lines of a file; of the state in which a finding was found, when a patch gives it several. */
  readonly linesOf: (path: string, finding?: Finding) => LineTable | undefined;
  readonly textOf: (path: string) => string | undefined;
  /** Where a finding stands in the patch that was linted. */
  readonly patchOf?: (finding: Finding) => ReportedFinding['patch'];
}

/** A finding with lines and columns from 1. */
export function located(finding: Finding, result: Pick<RunResult, 'linesOf' | 'patchOf'>): ReportedFinding {
  const lines = result.linesOf(finding.path, finding);
  const patch = result.patchOf?.(finding);
  const from = lines?.position(finding.start) ?? { line: 0, column: 0 };
  const to = lines?.position(finding.end) ?? from;
  return {
    rule: finding.rule,
    severity: finding.severity,
    file: finding.path,
    line: from.line + 1,
    column: from.column + 1,
    endLine: to.line + 1,
    endColumn: to.column + 1,
    function: finding.function,
    message: finding.message,
    ...(patch ? { patch } : {}),
  };
}

/** Where a finding stands in the patch, as ` (series.mbox:412)`; empty without a patch. */
export function inPatch({ patch }: ReportedFinding): string {
  return patch ? ` (${patch.file}:${patch.line})` : '';
}

/** The report that `--format json` prints. */
export function jsonReport(result: RunResult): LintReport {
  return {
    version: 1,
    findings: result.findings.map((finding) => located(finding, result)),
    skipped: [...result.skipped],
  };
}
