import { DiagnosticSeverity, type Diagnostic, type Range } from 'vscode-languageserver/node';
import { diagnosticSource, type DiagnosticData } from '../../protocol/lint';
import type { Finding, Location, Severity } from '../rules/rule';
import type { Linter } from './linter';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};

/** Where a location is, as the editor counts. */
export function rangeOf(location: Location, linter: Linter): Range {
  const lines = linter.linesOf(location.path);
  const from = lines?.position(location.start) ?? { line: 0, column: 0 };
  const to = lines?.position(location.end) ?? from;
  return {
    start: { line: from.line, character: from.column },
    end: { line: to.line, character: to.column },
  };
}

/**
 * A finding as the editor shows it.
 * @param finding the finding
 * @param linter the linter that found it
 * @param pageOf gives the URI of a rule's page, when there is one
 */
export function toDiagnostic(
  finding: Finding,
  linter: Linter,
  pageOf: (rule: string) => string | undefined,
): Diagnostic {
  const page = pageOf(finding.rule);
  const data: DiagnosticData = { rule: finding.rule, function: finding.function };
  return {
    range: rangeOf(finding, linter),
    severity: severities[finding.severity],
    source: diagnosticSource,
    code: finding.rule,
    ...(page === undefined ? {} : { codeDescription: { href: page } }),
    message: finding.message,
    relatedInformation: finding.related.map((related) => ({
      location: { uri: linter.uriOf(related.path), range: rangeOf(related, linter) },
      message: related.message,
    })),
    data,
  };
}
