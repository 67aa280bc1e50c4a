import { createHash } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding, Location, Rule } from '../rules/rule';
import { located, type RunResult } from './report';

const levels = { error: 'error', warning: 'warning', info: 'note' } as const;

/** A path as SARIF wants it: relative to where the run was started, or an absolute URI. */
function uriOf(file: string): string {
  const parts = file.split(/[\\/]/).map(encodeURIComponent).join('/');
  return path.isAbsolute(file) ? pathToFileURL(file).href : parts.replace(/^\.\//, '');
}

function physical(result: RunResult, finding: Finding, location: Location): object {
  const lines = result.linesOf(location.path, finding);
  const from = lines?.position(location.start) ?? { line: 0, column: 0 };
  const to = lines?.position(location.end) ?? from;
  return {
    artifactLocation: { uri: uriOf(location.path) },
    region: {
      startLine: from.line + 1,
      startColumn: from.column + 1,
      endLine: to.line + 1,
      endColumn: to.column + 1,
    },
  };
}

/**
 * The report in SARIF 2.1.0.
 * @param result what was found
 * @param rules the rules that were run
 * @param help gives the page of a rule in Markdown
 * @param version the version of this program
 */
export function sarifReport(
  result: RunResult,
  rules: readonly Rule[],
  help: (rule: string) => string | undefined,
  version: string,
): object {
  const repeated = new Map<string, number>();
  const results = result.findings.map((finding) => {
    const at = located(finding, result);
    const line = result.linesOf(finding.path, finding)?.lineText(at.line - 1) ?? '';
    // Neither the line's number nor its indentation is part of it, so that an edit elsewhere does not change it.
    const what = `${finding.rule}\n${uriOf(finding.path)}\n${finding.function}\n${line.trim().replace(/\s+/g, ' ')}`;
    const time = (repeated.get(what) ?? 0) + 1;
    repeated.set(what, time);
    const related: object[] = finding.related.map((each, id) => ({
      id,
      physicalLocation: physical(result, finding, each),
      message: { text: each.message },
    }));
    if (at.patch)
      related.push({
        id: related.length,
        physicalLocation: {
          artifactLocation: { uri: uriOf(at.patch.file) },
          region: { startLine: at.patch.line },
        },
        message: { text: 'The line of the patch.' },
      });
    const print = createHash('sha256').update(`${what}\n${time}`).digest('hex').slice(0, 32);
    return {
      ruleId: finding.rule,
      ruleIndex: rules.findIndex((rule) => rule.id === finding.rule),
      level: levels[finding.severity],
      message: { text: finding.message },
      locations: [
        {
          physicalLocation: physical(result, finding, finding),
          ...(finding.function ? { logicalLocations: [{ name: finding.function, kind: 'function' }] } : {}),
        },
      ],
      ...(related.length > 0 ? { relatedLocations: related } : {}),
      partialFingerprints: { 'ismLint/v1': print },
    };
  });
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'ism-lint',
            semanticVersion: version,
            rules: rules.map((rule) => {
              const page = help(rule.id);
              return {
                id: rule.id,
                shortDescription: { text: rule.title },
                defaultConfiguration: { level: levels[rule.severity] },
                ...(page === undefined ? {} : { help: { text: page, markdown: page } }),
              };
            }),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: result.skipped.map(({ file, reason }) => ({
              level: 'warning',
              message: { text: `${file}: ${reason}` },
            })),
          },
        ],
        results,
      },
    ],
  };
}
