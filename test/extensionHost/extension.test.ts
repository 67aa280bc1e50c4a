/** Inside a real extension host: activation, commands, diagnostics, hosts that cannot be reached. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../client/extension';
import { waitFor } from '../support/waitFor';

const ID = 'ism-driver-tools.ism-driver-tools';
const extension = (): vscode.Extension<ExtensionApi> =>
  vscode.extensions.getExtension<ExtensionApi>(ID) ?? assert.fail(`${ID} is not installed`);

/** Bundles of the extension that this process has loaded, below its folder. */
const loaded = (): string[] =>
  Object.keys((Module as unknown as { _cache: Record<string, unknown> })._cache)
    .map((file) => path.relative(extension().extensionPath, file))
    .filter((file) => /^dist\/(client|server)\//.test(file))
    .sort();

const workspaceFile = (name: string): vscode.Uri => {
  const folder = vscode.workspace.workspaceFolders?.[0] ?? assert.fail('no workspace');
  return vscode.Uri.joinPath(folder.uri, name);
};

const findings = (uri: vscode.Uri): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(uri).filter((diagnostic) => diagnostic.source === 'ism-lint');

describe('the extension', () => {
  it('activates without loading ssh2, the language client or a parser', async () => {
    assert.equal(extension().isActive, false);
    await extension().activate();
    // Bundles that are loaded later are files of their own; what is in extension.js is all that activation costs.
    assert.deepEqual(loaded(), ['dist/client/common.js', 'dist/client/extension.js']);
    const bundle = loaded()
      .map((file) => readFileSync(path.join(extension().extensionPath, file), 'utf8'))
      .join('\n');
    for (const source of ['node_modules/ssh2/', 'vscode-languageclient/', 'web-tree-sitter'])
      assert.ok(!bundle.includes(source), `extension.js holds ${source}`);
  });

  it('registers every command that its manifest names', async () => {
    const { contributes } = extension().packageJSON as { contributes: { commands: { command: string }[] } };
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const { command } of contributes.commands) assert.ok(registered.has(command), command);
  });

  it('warns at the refusing default, with its rule as code and the story as related information', async () => {
    const uri = workspaceFile('refusing.c');
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const [finding] = await waitFor(
      () => findings(uri),
      (found) => found.length === 1,
    );
    assert.ok(finding);
    assert.match(document.lineAt(finding.range.start.line).text, /default:|return -EINVAL/);
    assert.equal(finding.severity, vscode.DiagnosticSeverity.Warning);
    const code = finding.code as { value: string; target: vscode.Uri };
    assert.equal(code.value, 'region-info-unknown-index');
    await vscode.workspace.fs.stat(code.target); // the rule's page is there to be opened
    assert.ok((finding.relatedInformation ?? []).length > 0);
  });

  it('is silent on a driver that delegates', async () => {
    const uri = workspaceFile('delegating.c');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    // The server answers in order: once the refusing file has been answered again, this one has been too.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.deepEqual(findings(uri), []);
  });

  it('follows the keyboard: the warning goes with its cause and comes back with it', async () => {
    const uri = workspaceFile('refusing.c');
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    const at = document.getText().indexOf('return -EINVAL');
    const range = new vscode.Range(
      document.positionAt(at),
      document.positionAt(at + 'return -EINVAL'.length),
    );
    const call = 'return vfio_pci_ioctl_get_region_info(core_vdev, info, caps)';
    await editor.edit((edit) => edit.replace(range, call));
    await waitFor(
      () => findings(uri).length,
      (count) => count === 0,
    );
    await vscode.commands.executeCommand('undo');
    await waitFor(
      () => findings(uri).length,
      (count) => count === 1,
    );
  });

  it('offers a fix and a suppression with a reason at the finding', async () => {
    const uri = workspaceFile('refusing.c');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    const [finding] = await waitFor(
      () => findings(uri),
      (found) => found.length === 1,
    );
    assert.ok(finding);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      finding.range,
    );
    const titles = actions.map(({ title }) => title);
    assert.ok(
      actions.some(({ edit }) => edit !== undefined),
      titles.join('; '),
    );
    assert.ok(
      actions.some(({ command }) => command?.command === 'ism.lint.suppress'),
      titles.join('; '),
    );
  });

  it('says in one sentence why a host cannot be connected, and the others are not touched', async () => {
    const { hosts } = await extension().activate();
    // Port 9 of this machine: nothing listens there.
    const host = await hosts.add({ name: 'nobody', destination: 'root@127.0.0.1:9' });
    await assert.rejects(
      host.connect(),
      /^UserError: 127\.0\.0\.1, port 9, refuses connections; check .*\.$/,
    );
    assert.equal(host.state.kind, 'failed');
    // Now, and not before, ssh2 was needed.
    assert.ok(loaded().includes('dist/client/remote.js'));
    const setting = vscode.workspace.getConfiguration('ism').get<{ name: string }[]>('hosts');
    assert.deepEqual(
      setting?.map(({ name }) => name),
      ['nobody'],
    );
    await assert.rejects(
      hosts.add({ name: 'x', destination: '-oProxyCommand=true' }),
      /does not name a host/,
    );
    await hosts.remove(host);
    assert.deepEqual(hosts.all, []);
  });
});
