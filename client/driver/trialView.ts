/** *Try My Driver* as activation knows it: a controller of the Testing view and what follows saves. The rest is ./trialRunner. */
import * as vscode from 'vscode';
import type { Node } from '../choose/nodes';
import type { Log } from '../sinks/log';
import type { TrialContext, TrialRunner } from './trialRunner';

export class TrialView implements vscode.Disposable {
  /** What tests in the extension host look at. */
  readonly controller = vscode.tests.createTestController('ism.drivers', 'ISM Drivers');
  private runner: Promise<TrialRunner> | undefined;
  private loaded: TrialRunner | undefined;
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly context: Omit<TrialContext, 'controller'>,
    private readonly log: Log,
  ) {
    this.controller.createRunProfile(
      'Try on a Host',
      vscode.TestRunProfileKind.Run,
      () => this.guarded(),
      true,
    );
    this.subscription = vscode.workspace.onDidSaveTextDocument((document) => this.saved(document));
  }

  async run(node?: Node): Promise<void> {
    await (await this.load()).run(node);
  }

  dispose(): void {
    this.subscription.dispose();
    this.loaded?.dispose();
    this.controller.dispose();
  }

  private load(): Promise<TrialRunner> {
    this.runner ??= import('./trialRunner').then(({ TrialRunner: Runner }) => {
      this.loaded = new Runner({ ...this.context, controller: this.controller });
      return this.loaded;
    });
    return this.runner;
  }

  /** After a save of the driver that was tried last, when the setting says so, and on a lab only: other hosts are asked for. */
  private saved(document: vscode.TextDocument): void {
    const last = this.loaded?.last;
    if (!last?.lab || last.host.state.kind !== 'connected') return;
    if (!document.uri.fsPath.startsWith(last.source.folder)) return;
    if (vscode.workspace.getConfiguration('ism.driver').get('tryOnSave') !== true) return;
    if (this.loaded?.busy === false)
      void this.loaded.run(undefined, last).catch((error: unknown) => this.log.failure(error));
  }

  private async guarded(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      this.log.failure(error);
    }
  }
}
