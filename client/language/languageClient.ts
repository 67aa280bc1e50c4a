/** Starts the language server; a bundle of its own, loaded when the first C file is opened. */
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';

/**
 * @returns what ends the client again
 */
export async function startLanguageClient(context: vscode.ExtensionContext): Promise<vscode.Disposable> {
  const module = context.asAbsolutePath('dist/server/server.js');
  const client = new LanguageClient(
    'ism',
    'ISM Language Server',
    { run: { module, transport: TransportKind.ipc }, debug: { module, transport: TransportKind.ipc } },
    {
      documentSelector: [
        { scheme: 'file', language: 'c' },
        { scheme: 'untitled', language: 'c' },
      ],
      synchronize: { configurationSection: 'ism.lint' },
      initializationOptions: {
        ruleDocs: vscode.Uri.file(context.asAbsolutePath('dist/server/rules')).toString(),
      },
    },
  );
  await client.start();
  return { dispose: () => void client.stop() };
}
