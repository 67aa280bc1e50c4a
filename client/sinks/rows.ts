/** Rows of trees, problems, test results and lenses: what they show passes through {@link forRow}. */
import * as vscode from 'vscode';
import { forRow, forTerminal } from './plainText';

/** A tree's row as it is handed to VS Code: label, description, tooltip and what a screen reader says. */
export function plainRow(item: vscode.TreeItem): vscode.TreeItem {
  if (typeof item.label === 'string') item.label = forRow(item.label);
  if (typeof item.description === 'string') item.description = forRow(item.description);
  if (typeof item.tooltip === 'string') item.tooltip = forRow(item.tooltip);
  if (item.accessibilityInformation)
    item.accessibilityInformation = {
      ...item.accessibilityInformation,
      label: forRow(item.accessibilityInformation.label),
    };
  return item;
}

/** A problem in the editor. */
export const plainDiagnostic = (
  range: vscode.Range,
  message: string,
  severity: vscode.DiagnosticSeverity,
): vscode.Diagnostic => new vscode.Diagnostic(range, forRow(message), severity);

/** A place that belongs to a problem. */
export const plainRelated = (
  location: vscode.Location,
  message: string,
): vscode.DiagnosticRelatedInformation => new vscode.DiagnosticRelatedInformation(location, forRow(message));

/** What a test says, in the results and at its line. */
export const plainTestMessage = (text: string): vscode.TestMessage => new vscode.TestMessage(forRow(text));

/** The same with what was expected beside what came. */
export const plainTestDiff = (text: string, expected: string, actual: string): vscode.TestMessage =>
  vscode.TestMessage.diff(forRow(text), forTerminal(expected), forTerminal(actual));

/** A row of the Testing view. */
export const createTestItem = (
  controller: vscode.TestController,
  id: string,
  label: string,
  uri?: vscode.Uri,
): vscode.TestItem => controller.createTestItem(id, forRow(label), uri);

/** Output of a test run, which VS Code shows in a terminal. */
export function appendOutput(
  run: vscode.TestRun,
  text: string,
  location?: vscode.Location,
  item?: vscode.TestItem,
): void {
  run.appendOutput(forTerminal(text).replace(/\n/g, '\r\n'), location, item);
}

/** A lens above a line. @param icon the name of an icon before the title */
export const plainLens = (range: vscode.Range, command: vscode.Command, icon: string): vscode.CodeLens =>
  new vscode.CodeLens(range, { ...command, title: `$(${icon}) ${forRow(command.title)}` });
