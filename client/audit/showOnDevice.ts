import * as vscode from 'vscode';
import type { HostList } from '../hosts/hostList';
import { isRefusal } from './refusingSource';

/** *Show on device* at a finding about refused region indices: asks a live driver what it answers. */
export class ShowOnDevice implements vscode.CodeActionProvider {
  static readonly selector: vscode.DocumentSelector = { scheme: 'file', language: 'c' };
  static readonly metadata = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };

  constructor(private readonly hosts: HostList) {}

  provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const finding = context.diagnostics.find(isRefusal);
    // Nothing that reaches a host is offered in a workspace that is not trusted, or to somebody without hosts.
    if (!finding || !vscode.workspace.isTrusted || this.hosts.all.length === 0) return [];
    const title = 'Show on device: what does the live driver answer?';
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    action.diagnostics = [finding];
    action.command = {
      command: 'ism.auditRegions',
      title,
      arguments: [new vscode.Location(document.uri, finding.range)],
    };
    return [action];
  }
}
