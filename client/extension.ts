/**
 * Activation: registers the view and the commands, and nothing that costs time. What the commands do (./commands/palette), ssh2
 * (./hosts/remote) and the language client (./language/languageClient) are bundles of their own and are loaded when they are first needed.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { AuditDocuments } from './audit/auditDocuments';
import { ShowOnDevice } from './audit/showOnDevice';
import { PlanDocuments } from './commands/planDocuments';
import { DmbDocuments } from './dmb/dmbDocuments';
import { DmbWatches } from './dmb/dmbWatches';
import { TrialView } from './driver/trialView';
import { DeviceTree } from './explorer/deviceTree';
import { Favourites } from './explorer/favourites';
import { HostDecorations } from './explorer/hostDecorations';
import type { Node } from './choose/nodes';
import { StatusItem } from './explorer/statusItem';
import { Dialogs } from './hosts/promptDialogs';
import { HostList } from './hosts/hostList';
import { Log } from './sinks/log';
import { StoreJournal, type StoreRecord } from './journal/journal';
import { JournalTree } from './journal/journalTree';
import { RegionBytes } from './stores/regionBytes';
import { RegionDocuments } from './stores/regionDocuments';
import { TestingView } from './storeScripts/testingView';
import { showInformationMessage, showWarningMessage } from './sinks/dialogs';

/** What tests in the extension host may use. */
export interface ExtensionApi {
  readonly hosts: HostList;
  readonly journal: StoreJournal;
  readonly tree: DeviceTree;
  readonly testing: TestingView;
  readonly trials: TrialView;
}

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const log = new Log();
  const dialogs = new Dialogs(context.secrets);
  const hosts = new HostList(context, log, dialogs);
  const favourites = new Favourites(context.globalState);
  const dmbDocuments = new DmbDocuments();
  const watches = new DmbWatches(hosts, dmbDocuments);
  const tree = new DeviceTree(hosts, favourites, watches);
  const view = vscode.window.createTreeView<Node>('ism.devices', {
    treeDataProvider: tree,
    showCollapseAll: true,
    canSelectMany: true,
  });
  const journal = new StoreJournal(context.globalStorageUri.fsPath);
  const documents = new RegionDocuments();
  const plans = new PlanDocuments();
  const journalTree = new JournalTree(journal);
  const testing = new TestingView(hosts, journal, log);
  const storage = path.join(context.globalStorageUri.fsPath, 'drivers');
  const trials = new TrialView({ hosts, journal, memento: context.workspaceState, storage }, log);
  const audits = new AuditDocuments();
  context.subscriptions.push(
    log,
    hosts,
    tree,
    view,
    tree.followFolding(view),
    journalTree,
    testing,
    trials,
    new HostDecorations(hosts),
    new StatusItem(hosts),
    audits,
    watches,
    dmbDocuments,
    documents,
    new RegionBytes(documents),
    vscode.languages.registerCodeActionsProvider(
      ShowOnDevice.selector,
      new ShowOnDevice(hosts),
      ShowOnDevice.metadata,
    ),
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
  const palette = lazily(async () => {
    const { Palette } = await import('./commands/palette');
    const parts = { hosts, log, view, tree, favourites, journal, journalTree, documents, plans, audits };
    return new Palette(parts);
  });
  command('addHost', async () => (await palette()).host.add());
  command<Node>('removeHost', async (node) => (await palette()).host.remove(node));
  command<Node>('connect', async (node) => (await palette()).host.connect(node));
  command<Node>('disconnect', async (node) => (await palette()).host.disconnect(node));
  command<Node>('refresh', async (node) => (await palette()).host.refresh(node));
  command('filterDevices', async () => (await palette()).explorer.filter());
  command('clearDevicesFilter', async () => (await palette()).explorer.clearFilter());
  command<Node>('toggleFavourite', async (node) => (await palette()).explorer.toggleFavourite(node));
  command<Node>('copyValue', async (node) => (await palette()).explorer.copyValue(node));
  command<Node>('bind', async (node, nodes) => (await palette()).binding.bind(node, nodes));
  command<Node>('bindToDriver', async (node, nodes) => (await palette()).binding.bindToDriver(node, nodes));
  command<Node>('restoreDriver', async (node, nodes) => (await palette()).binding.restore(node, nodes));
  command<Node>('showRegions', async (node) => (await palette()).region.show(node));
  command<Node | vscode.Location>('auditRegions', async (from) => (await palette()).audit.audit(from));
  command<Node>('goToRefusal', async (node) => (await palette()).audit.goToRefusal(node));
  command<Node>('closeDevice', async (node) => (await palette()).region.close(node));
  command<Node>('readRegion', async (node) => (await palette()).region.read(node));
  command<vscode.Uri>('refreshWindow', async (uri) => (await palette()).window.refresh(uri));
  command<vscode.Uri>('windowFormat', async (uri) => (await palette()).window.format(uri));
  command<vscode.Uri>('snapshotWindow', async (uri) => (await palette()).window.snapshot(uri));
  command<vscode.Uri>('compareWindow', async (uri) => (await palette()).window.compare(uri));
  command<vscode.Uri>('openInHexEditor', async (uri) => (await palette()).window.openInHexEditor(uri));
  command<Node>('tryDriver', (node) => trials.run(node));
  command<unknown>('testStore', async (from) => (await palette()).testStore.run(from));
  const bursts = lazily(async () => {
    const { BurstCommands } = await import('./bursts/burstCommands');
    const { testStore } = await palette();
    const made = new BurstCommands(hosts, journal, context.globalState, (node, title) =>
      testStore.plan(node, {}, title),
    );
    context.subscriptions.push(made);
    return made;
  });
  command<Node>('burst', async (node) => (await bursts()).run(node));
  command('openBurst', async () => (await bursts()).open());
  command('compareBursts', async () => (await bursts()).compare());
  command('exportBurst', async () => (await bursts()).export());
  const dmb = lazily(async () => {
    const { DmbCommands } = await import('./commands/dmbCommands');
    return new DmbCommands(hosts, journal, dmbDocuments, watches, view);
  });
  command<Node>('dmbLoopback', async (node) => (await dmb()).loopback(node));
  command<Node>('watchDmb', async (node) => (await dmb()).watch(node));
  command<Node>('showDmb', async (node) => (await dmb()).show(node));
  command<Node>('stopWatchingDmb', async (node) => (await dmb()).stop(node));
  command<StoreRecord>('repeatStore', async (record) => (await palette()).journal.repeat(record));
  command<StoreRecord>('copyStoreAsC', async (record) => (await palette()).journal.copyAsC(record));
  command('filterJournal', async () => (await palette()).journal.filter());
  command('clearJournalFilter', async () => (await palette()).journal.clearFilter());
  command('exportJournal', async () => (await palette()).journal.export());
  command('openJournal', async () => (await palette()).journal.open());
  command('forgetSecrets', async () => {
    const count = await dialogs.secrets.forgetAll();
    void showInformationMessage(
      count === 0
        ? 'No password or passphrase was kept.'
        : `${count} kept passwords and passphrases are forgotten.`,
    );
  });
  command('acceptedHostKeys', async () => {
    const { showAcceptedKeys } = await import('./commands/palette');
    await showAcceptedKeys(context.globalState);
  });
  startLanguageWhenNeeded(context, log);
  void journal.recover().then((count) => {
    if (count > 0)
      void showWarningMessage(
        `Outcome unknown for ${count} store(s): the window ended before their answers came. See the journal.`,
      );
  });
  return { hosts, journal, tree, testing, trials };
}

/** What is made when it is first asked for, once. */
function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/**
 * The server starts with the first C document or store script, or at once in a workspace that has a configuration for it or is a kernel
 * tree; any other workspace pays nothing.
 */
function startLanguageWhenNeeded(context: vscode.ExtensionContext, log: Log): void {
  let started = false;
  const consider = (document?: vscode.TextDocument): void => {
    if (started || (document && document.languageId !== 'c' && document.languageId !== 'ism-script')) return;
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
