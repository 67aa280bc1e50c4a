/**
 * Activation: registers the view and the commands, and nothing that costs time. ssh2 (./hosts/remote) and the language
 * client (./language/languageClient) are bundles of their own and are loaded when they are first needed.
 */
import * as vscode from 'vscode';
import { BindCommands } from './commands/bindCommands';
import { HostCommands } from './commands/hostCommands';
import { PlanDocuments } from './commands/planDocuments';
import { RegionCommands } from './commands/regionCommands';
import { DeviceTree } from './explorer/deviceTree';
import type { Node } from './explorer/nodes';
import { Dialogs } from './hosts/dialogs';
import { HostList } from './hosts/hostList';
import { Log } from './log';
import { StoreJournal } from './stores/journal';
import { RegionDocuments } from './stores/regionDocuments';
import { TestStore, type StoreArguments } from './stores/testStore';

/** What tests in the extension host may use. */
export interface ExtensionApi {
  readonly hosts: HostList;
  readonly journal: StoreJournal;
}

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const log = new Log();
  const dialogs = new Dialogs(context.secrets);
  const hosts = new HostList(context, log, dialogs);
  const tree = new DeviceTree(hosts);
  const view = vscode.window.createTreeView<Node>('ism.devices', {
    treeDataProvider: tree,
    showCollapseAll: true,
    canSelectMany: true,
  });
  const journal = new StoreJournal(context.globalStorageUri.fsPath);
  const documents = new RegionDocuments();
  const hostCommands = new HostCommands(hosts, view, tree);
  const plans = new PlanDocuments();
  const bindCommands = new BindCommands(hosts, log, plans);
  const regionCommands = new RegionCommands(hosts, view, documents);
  const testStore = new TestStore(hosts, journal);
  context.subscriptions.push(
    log,
    hosts,
    tree,
    view,
    vscode.workspace.registerTextDocumentContentProvider(RegionDocuments.scheme, documents),
    vscode.workspace.registerTextDocumentContentProvider(PlanDocuments.scheme, plans),
  );

  /**
   * Registers a command whose failure becomes one sentence, with the details in the output channel. Called on a row of a
   * view it gets that row and all rows that are selected.
   */
  const command = <A>(name: string, run: (argument?: A, selected?: readonly A[]) => Promise<void>): void => {
    context.subscriptions.push(
      vscode.commands.registerCommand(`ism.${name}`, async (argument?: A, selected?: readonly A[]) => {
        try {
          await run(argument, selected);
        } catch (error) {
          log.failure(error);
        }
      }),
    );
  };
  command('addHost', () => hostCommands.add());
  command<Node>('removeHost', (node) => hostCommands.remove(node));
  command<Node>('connect', (node) => hostCommands.connect(node));
  command<Node>('disconnect', (node) => hostCommands.disconnect(node));
  command<Node>('refresh', (node) => hostCommands.refresh(node));
  command<Node>('bind', (node, nodes) => bindCommands.bind(node, nodes));
  command<Node>('bindToDriver', (node, nodes) => bindCommands.bindToDriver(node, nodes));
  command<Node>('restoreDriver', (node, nodes) => bindCommands.restore(node, nodes));
  command<Node>('showRegions', (node) => regionCommands.show(node));
  command<Node>('closeDevice', (node) => regionCommands.close(node));
  command<Node>('readRegion', (node) => regionCommands.read(node));
  command<Node | StoreArguments>('testStore', (from) => testStore.run(from));
  command('forgetSecrets', async () => {
    const count = await dialogs.secrets.forgetAll();
    void vscode.window.showInformationMessage(
      count === 0
        ? vscode.l10n.t('No password or passphrase was kept.')
        : vscode.l10n.t('{0} kept passwords and passphrases are forgotten.', count),
    );
  });
  command('openJournal', async () => {
    const records = await journal.records();
    if (records.length === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('The store journal is empty: no store was sent yet.'),
      );
      return;
    }
    await vscode.window.showTextDocument(vscode.Uri.file(journal.file));
  });
  startLanguageWhenNeeded(context, log);
  void journal.recover().then((count) => {
    if (count > 0)
      void vscode.window.showWarningMessage(
        vscode.l10n.t(
          'Outcome unknown for {0} store(s): the window ended before their answers came. See the journal.',
          count,
        ),
      );
  });
  return { hosts, journal };
}

/**
 * The server starts with the first C document, or at once in a workspace that has a configuration for it or is a kernel
 * tree; any other workspace pays nothing.
 */
function startLanguageWhenNeeded(context: vscode.ExtensionContext, log: Log): void {
  let started = false;
  const consider = (document?: vscode.TextDocument): void => {
    if (started || (document && document.languageId !== 'c')) return;
    started = true;
    import('./language/languageClient')
      .then(({ startLanguageClient }) => startLanguageClient(context))
      .then(
        (client) => context.subscriptions.push(client),
        (error: unknown) => log.failure(error),
      );
  };
  vscode.workspace.textDocuments.forEach(consider);
  void vscode.workspace.findFiles('{.ism-lint.json,drivers/vfio/Kconfig}', null, 1).then(([file]) => {
    if (file) consider();
  });
  context.subscriptions.push(vscode.workspace.onDidOpenTextDocument(consider));
}

export function deactivate(): void {
  // Everything that must end is in context.subscriptions.
}
