import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver/node';
import { diagnosticSource } from '../../protocol/lint';
import { configurationName } from '../configuration/find';
import { readConfiguration } from '../configuration/read';
import { LineTable } from '../syntax/lineTable';

/** Whether a document sets what holds for the files beside and below it. */
export function isConfiguration(uri: string): boolean {
  return uri.endsWith(`/${configurationName}`);
}

/** What is wrong in a configuration file, where it stands. */
export function configurationDiagnostics(text: string): Diagnostic[] {
  const lines = new LineTable(text);
  const at = (offset: number): { line: number; character: number } => {
    const { line, column } = lines.position(offset);
    return { line, character: column };
  };
  return readConfiguration(text).problems.map(({ start, end, message }) => ({
    range: { start: at(start), end: at(end) },
    severity: DiagnosticSeverity.Error,
    source: diagnosticSource,
    message,
  }));
}
