/** Store scripts inside a real extension host: found, checked while typing, and run by nobody but a person. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../client/extension';
import { waitFor } from '../support/waitFor';

const extension = () =>
  vscode.extensions.getExtension<ExtensionApi>('ism-driver-tools.ism-driver-tools') ??
  assert.fail('the extension is not there');
const api = async (): Promise<ExtensionApi> => extension().activate();

describe('store scripts in the editor', () => {
  const uri = (): vscode.Uri => {
    const folder = vscode.workspace.workspaceFolders?.[0] ?? assert.fail('no workspace');
    return vscode.Uri.joinPath(folder.uri, 'first.ism');
  };
  before(async () => {
    const fixture = vscode.Uri.joinPath(extension().extensionUri, 'test/fixtures/scripts/first.ism');
    await vscode.workspace.fs.copy(fixture, uri());
  });
  const items = (controller: vscode.TestController): [string, string | undefined][] =>
    [...controller.items].flatMap(([, file]) =>
      [...file.children].map(([, item]): [string, string | undefined] => [item.label, item.description]),
    );

  it('are tests of the Testing view, which follow the text', async () => {
    const { testing } = await api();
    const document = await vscode.workspace.openTextDocument(uri());
    assert.equal(document.languageId, 'ism-script');
    const editor = await vscode.window.showTextDocument(document);
    const expected = [
      ['stores', '11 stores'],
      ['reads', '0 stores'],
    ];
    await waitFor(
      () => items(testing.controller),
      (seen) => JSON.stringify(seen) === JSON.stringify(expected),
    );
    await editor.edit((edit) => edit.insert(new vscode.Position(7, 0), 'test "more"\n  sleep 1ms\n'));
    await waitFor(
      () => items(testing.controller).map(([label]) => label),
      (labels) => labels.join() === 'stores,more,reads',
    );
    await vscode.commands.executeCommand('undo');
    await waitFor(
      () => items(testing.controller).length,
      (count) => count === 2,
    );
  });

  it('have diagnostics, fixes and completion from the language server', async () => {
    const document = await vscode.workspace.openTextDocument(uri());
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.replace(new vscode.Range(3, 2, 3, 7), 'stroe'));
    const [found] = await waitFor(
      () => vscode.languages.getDiagnostics(uri()).filter(({ source }) => source === 'ism-script'),
      (all) => all.length === 1,
    );
    assert.equal(found?.code, 'unknown-statement');
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri(),
      found.range,
    );
    assert.ok(actions.some(({ title }) => title === 'Change to store'));
    await vscode.commands.executeCommand('undo');
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      uri(),
      new vscode.Position(3, 8),
    );
    assert.ok(list.items.some(({ label }) => label === 'bar0'));
    await waitFor(
      () => vscode.languages.getDiagnostics(uri()).length,
      (count) => count === 0,
    );
  });

  it('are run on no host that is not connected, and nothing is journaled', async () => {
    const { testing, journal } = await api();
    const source = new vscode.CancellationTokenSource();
    const before = (await journal.records()).length;
    await testing.run(new vscode.TestRunRequest(), source.token);
    assert.equal((await journal.records()).length, before);
  });
});
