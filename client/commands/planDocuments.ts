import * as vscode from 'vscode';

/** Plans as read-only documents, where they can be searched and copied. */
export class PlanDocuments implements vscode.TextDocumentContentProvider {
  static readonly scheme = 'ism-plan';
  private readonly texts = new Map<string, string>();

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? '# This plan belongs to an earlier session.\n';
  }

  async show(title: string, text: string): Promise<void> {
    const path = `/${title} ${this.texts.size + 1}.sh`;
    this.texts.set(path, text);
    const document = await vscode.workspace.openTextDocument(
      vscode.Uri.from({ scheme: PlanDocuments.scheme, path }),
    );
    await vscode.window.showTextDocument(document, { preview: false });
  }
}
