/** Starts the language server; a bundle of its own, loaded when the first C file is opened. */
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { suppressCommand, suppressComment, type SuppressRequest } from '../../protocol/lint';
import { showInputBox } from '../sinks/dialogs';

/**
 * @returns what ends the client again
 */
export async function startLanguageClient(context: vscode.ExtensionContext): Promise<vscode.Disposable> {
  const module = context.asAbsolutePath('dist/server/server.js');
  const client = new LanguageClient(
    'ism',
    'ISM Language Server',
    {
      run: { module, transport: TransportKind.ipc },
      debug: {
        module,
        transport: TransportKind.ipc,
        options: { execArgv: ['--nolazy', '--inspect=127.0.0.1:6009'] },
      },
    },
    {
      documentSelector: [
        { scheme: 'file', language: 'c' },
        { scheme: 'untitled', language: 'c' },
        { scheme: 'file', pattern: '**/.ism-lint.json' },
        { language: 'ism-script' },
      ],
      synchronize: { configurationSection: 'ism.lint' },
      initializationOptions: {
        asksForReasons: true,
        ruleDocs: vscode.Uri.file(context.asAbsolutePath('dist/server/rules')).toString(),
      },
    },
  );
  await client.start();
  const suppress = vscode.commands.registerCommand(suppressCommand, (request: SuppressRequest) =>
    suppressFinding(request),
  );
  return vscode.Disposable.from(suppress, { dispose: () => void client.stop() });
}

/** Asks why a finding is suppressed and writes the comment; without a reason nothing is written. */
async function suppressFinding({ uri, rule, line, indent, ending }: SuppressRequest): Promise<void> {
  const reason = await showInputBox({
    title: `Suppress ${rule}`,
    prompt: 'Why is the code right? The reason stands in the comment, for the next reader.',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'A suppression needs a reason.' : undefined),
  });
  if (!reason?.trim()) return;
  const edit = new vscode.WorkspaceEdit();
  const comment = `${indent}${suppressComment(rule, reason)}${ending}`;
  edit.insert(vscode.Uri.parse(uri), new vscode.Position(line, 0), comment);
  await vscode.workspace.applyEdit(edit);
}
