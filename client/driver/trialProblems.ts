/** What the compiler and the kernel say of a driver, as problems at the user's lines. */
import * as vscode from 'vscode';
import { neutralise } from '../../protocol/remoteText';
import type { CompilerMessage, Place } from './compilerOutput';
import type { PlacedReport } from './sourceLines';
import { plainDiagnostic, plainRelated } from '../sinks/rows';

export const REPORT_SCHEME = 'ism-kernel-report';

/** The problems of the last trial of each driver, and the kernel's reports as read-only documents. */
export class TrialProblems implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('ism-driver');
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(REPORT_SCHEME, this);
  private readonly reports = new Map<string, string>();
  private readonly present = new Map<string, vscode.Diagnostic[]>();

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.reports.get(uri.path) ?? 'This report belongs to an earlier trial.\n';
  }

  /** Before a trial: what the last one found may be mended. */
  clear(): void {
    this.present.clear();
    this.collection.clear();
  }

  async showCompiler(messages: readonly CompilerMessage[]): Promise<void> {
    for (const message of messages) {
      const diagnostic = plainDiagnostic(
        await rangeOf(message),
        message.message,
        message.severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
      );
      diagnostic.source = 'ism-driver';
      if (message.option !== undefined) diagnostic.code = message.option;
      diagnostic.relatedInformation = await Promise.all(
        message.related.map(async (one) =>
          plainRelated(new vscode.Location(vscode.Uri.file(one.file), await rangeOf(one)), one.message),
        ),
      );
      this.add(message.file, diagnostic);
    }
    this.publish();
  }

  /** @returns where each report is shown: at its line, or as a document when no line is the driver's */
  async showReports(reports: readonly PlacedReport[]): Promise<vscode.Location[]> {
    const locations: vscode.Location[] = [];
    for (const placed of reports) {
      const document = this.document(placed);
      const { report, at } = placed;
      if (!at) {
        locations.push(new vscode.Location(document, new vscode.Position(0, 0)));
        continue;
      }
      const range = await rangeOf({ ...at, column: 0 });
      const diagnostic = plainDiagnostic(
        range,
        neutralise(report.title, 300) + (report.times > 1 ? ` (${report.times} times)` : ''),
        report.severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
      );
      diagnostic.source = 'kernel';
      diagnostic.code = { value: 'whole report', target: document };
      diagnostic.relatedInformation = await Promise.all(
        placed.frames.map(async ({ frame, file, line }) =>
          plainRelated(
            new vscode.Location(vscode.Uri.file(file), await rangeOf({ file, line, column: 0 })),
            `${frame.section && `${frame.section}: `}${frame.symbol}+0x${frame.offset.toString(16)}`,
          ),
        ),
      );
      this.add(at.file, diagnostic);
      locations.push(new vscode.Location(vscode.Uri.file(at.file), range));
    }
    this.publish();
    return locations;
  }

  dispose(): void {
    this.collection.dispose();
    this.registration.dispose();
  }

  private add(file: string, diagnostic: vscode.Diagnostic): void {
    this.present.set(file, [...(this.present.get(file) ?? []), diagnostic]);
  }

  private publish(): void {
    for (const [file, diagnostics] of this.present) this.collection.set(vscode.Uri.file(file), diagnostics);
  }

  private document({ report }: PlacedReport): vscode.Uri {
    const path = `/${'Kernel Report'} ${this.reports.size + 1}.txt`;
    this.reports.set(
      path,
      report.lines.map((line) => neutralise(line.replace(/\t/g, '  '), 2000)).join('\n') + '\n',
    );
    return vscode.Uri.from({ scheme: REPORT_SCHEME, path });
  }
}

/** From the compiler's column, in bytes, to the end of the word there; without a column the line without its indentation. */
async function rangeOf({ file, line, column }: Place): Promise<vscode.Range> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file)).then(
    (opened) => opened,
    () => undefined,
  );
  const row = Math.max(line - 1, 0);
  if (!document || row >= document.lineCount) return new vscode.Range(row, 0, row, 0);
  const whole = document.lineAt(row);
  if (column === 0)
    return new vscode.Range(row, whole.firstNonWhitespaceCharacterIndex, row, whole.text.trimEnd().length);
  const start = Buffer.from(whole.text)
    .subarray(0, column - 1)
    .toString().length;
  const at = new vscode.Position(row, start);
  return document.getWordRangeAtPosition(at) ?? new vscode.Range(at, at.translate(0, 1));
}
