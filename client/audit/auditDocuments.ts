import * as vscode from 'vscode';
import { neutralise } from '../../protocol/remoteText';
import { regionName } from '../words/describe';
import { goToCommand, placeOf } from './refusingSource';
import { auditText, type AuditRow, type AuditSubject } from './regionAudit';
import { plainDiagnostic, plainLens, plainRelated } from '../sinks/rows';

interface Audit {
  readonly text: string;
  readonly lines: readonly number[];
  readonly rows: readonly AuditRow[];
  readonly sources: readonly vscode.Location[];
}

/**
 * Audits as read-only documents. A refused index is a warning in *Problems*, whose related information and the lens above
 * its row lead to the line of source that refuses it.
 */
export class AuditDocuments
  implements vscode.TextDocumentContentProvider, vscode.CodeLensProvider, vscode.Disposable
{
  static readonly scheme = 'ism-audit';
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly audits = new Map<string, Audit>();
  private readonly warnings = vscode.languages.createDiagnosticCollection('ism-audit');
  private readonly subscriptions: vscode.Disposable[];

  constructor() {
    const selector = { scheme: AuditDocuments.scheme };
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(AuditDocuments.scheme, this),
      vscode.languages.registerCodeLensProvider(selector, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === AuditDocuments.scheme) this.warnings.delete(uri);
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.warnings.dispose();
    this.changed.dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return (
      this.audits.get(uri.path)?.text ??
      'This audit belongs to an earlier session; run ISM: Audit Regions again.' + '\n'
    );
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const audit = this.audits.get(document.uri.path);
    if (!audit) return [];
    return refusedLines(audit).flatMap(({ line }) =>
      audit.sources.map((source) =>
        plainLens(
          new vscode.Range(line, 0, line, 0),
          goToCommand(source, `refused by ${placeOf(source)}`),
          'go-to-file',
        ),
      ),
    );
  }

  /** Shows an audit; one of the same function replaces the one before. */
  async show(
    subject: AuditSubject,
    rows: readonly AuditRow[],
    sources: readonly vscode.Location[],
  ): Promise<void> {
    const written = auditText(subject, rows);
    const note =
      sources.length > 0
        ? `ism-lint found in this workspace what refuses them: ${sources.map(placeOf).join(', ')}.\nThe host may run another version.`
        : `ism-lint found no refusing line for ${neutralise(subject.driver)} in this workspace.\nOpen the folder of the driver to have it found.`;
    const refuses = rows.some(({ kind }) => kind === 'odd');
    const audit: Audit = { ...written, rows, sources, text: written.text + (refuses ? note + '\n' : '') };
    const name = neutralise(`Regions ${subject.address} ${subject.host}`).replace(/[/:?#]/g, '-');
    const uri = vscode.Uri.from({ scheme: AuditDocuments.scheme, path: `/${name}.txt` });
    this.audits.set(uri.path, audit);
    this.changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
    this.warnings.set(uri, warningsOf(audit));
  }
}

/** The rows that deserve a warning, with their lines. */
const refusedLines = (audit: Audit): { readonly row: AuditRow; readonly line: number }[] =>
  audit.rows.flatMap((row, i) => (row.kind === 'odd' ? [{ row, line: audit.lines[i] ?? 0 }] : []));

function warningsOf(audit: Audit): vscode.Diagnostic[] {
  return refusedLines(audit).map(({ row, line }) => {
    const { index } = row.answer;
    const error = 'error' in row.answer ? neutralise(row.answer.error) : '';
    const length = audit.text.split('\n')[line]?.length ?? 0;
    const warning = plainDiagnostic(
      new vscode.Range(line, 0, line, length),
      `The driver refuses region ${index} (${regionName(index)}) with ${error}, where vfio-pci answers; programs that walk all indices stop here.`,
      vscode.DiagnosticSeverity.Warning,
    );
    warning.source = 'ism-audit';
    warning.relatedInformation = audit.sources.map((source) =>
      plainRelated(source, 'The driver refuses it here.'),
    );
    return warning;
  });
}
