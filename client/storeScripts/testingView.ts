/**
 * Store scripts in VS Code's Testing view. Only the controller is made at activation; what reads and runs scripts is a
 * bundle of its own (./scriptRunner), loaded when the view or a script is first opened.
 */
import * as vscode from 'vscode';
import type { HostList } from '../hosts/hostList';
import type { Log } from '../sinks/log';
import type { StoreJournal } from '../journal/journal';
import type { ScriptRunner } from './scriptRunner';
import { createTestItem } from '../sinks/rows';

const GLOB = '**/*.ism';
const LANGUAGE = 'ism-script';
/** The tests follow the text when nobody has typed for so long. */
const TYPING_MS = 300;

export class TestingView implements vscode.Disposable {
  /** What tests in the extension host look at. */
  readonly controller: vscode.TestController;
  private readonly subscriptions: vscode.Disposable[] = [];
  private runner: Promise<ScriptRunner> | undefined;
  private watching = false;
  private typing: NodeJS.Timeout | undefined;

  constructor(
    private readonly hosts: HostList,
    private readonly journal: StoreJournal,
    private readonly log: Log,
  ) {
    this.controller = vscode.tests.createTestController('ism.scripts', 'ISM Store Scripts');
    this.controller.resolveHandler = async (item) =>
      item ? (await this.load()).read(item) : this.discover();
    this.controller.refreshHandler = () => this.discover();
    this.controller.createRunProfile(
      'Run on a Host',
      vscode.TestRunProfileKind.Run,
      (request, token) => this.run(request, token),
      true,
    );
    const show = (document: vscode.TextDocument): void => {
      if (document.languageId === LANGUAGE && document.uri.scheme === 'file') void this.add(document.uri);
    };
    vscode.workspace.textDocuments.forEach(show);
    this.subscriptions.push(
      this.controller,
      vscode.workspace.onDidOpenTextDocument(show),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        clearTimeout(this.typing);
        this.typing = setTimeout(() => show(document), TYPING_MS);
      }),
    );
  }

  dispose(): void {
    clearTimeout(this.typing);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Runs what is asked for; also what the tests of the extension call. */
  async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    try {
      await (await this.load()).run(request, token);
    } catch (error) {
      this.log.failure(error);
    }
  }

  private load(): Promise<ScriptRunner> {
    this.runner ??= import('./scriptRunner').then(
      ({ ScriptRunner: Runner }) => new Runner(this.controller, this.hosts, this.journal),
    );
    return this.runner;
  }

  private async discover(): Promise<void> {
    if (!this.watching) {
      this.watching = true;
      const watcher = vscode.workspace.createFileSystemWatcher(GLOB);
      this.subscriptions.push(
        watcher,
        watcher.onDidCreate((uri) => this.add(uri)),
        watcher.onDidChange((uri) => this.add(uri)),
        watcher.onDidDelete((uri) => this.controller.items.delete(uri.toString())),
      );
    }
    await Promise.all(
      (await vscode.workspace.findFiles(GLOB, '**/node_modules/**')).map((uri) => this.add(uri)),
    );
  }

  /** Adds or renews the item of a file. */
  private async add(uri: vscode.Uri): Promise<void> {
    const id = uri.toString();
    const item =
      this.controller.items.get(id) ??
      createTestItem(this.controller, id, vscode.workspace.asRelativePath(uri), uri);
    item.canResolveChildren = true;
    this.controller.items.add(item);
    await (await this.load()).read(item);
  }
}
