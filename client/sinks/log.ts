import * as vscode from 'vscode';
import { CancelledError } from '../base/cancelled';
import { detailOf, sentenceOf, UserError } from '../base/userError';
import { showErrorMessage } from './dialogs';
import { forLog } from './plainText';

/** The output channel "ISM Driver Tools": details go here, sentences go to the user. */
export class Log implements vscode.Disposable {
  private readonly channel = vscode.window.createOutputChannel('ISM Driver Tools', { log: true });

  info(line: string): void {
    this.channel.info(forLog(line));
  }
  warn(line: string): void {
    this.channel.warn(forLog(line));
  }

  /** Writes the details, and shows the one sentence with a way to them. */
  failure(error: unknown): void {
    if (error instanceof CancelledError) return; // the person knows
    this.channel.error(forLog(detailOf(error)));
    const details = 'Show Details';
    const actions = error instanceof UserError && !error.detail ? [] : [details];
    void showErrorMessage(sentenceOf(error), ...actions).then((choice) => {
      if (choice === details) this.channel.show();
    });
  }

  dispose(): void {
    this.channel.dispose();
  }
}
