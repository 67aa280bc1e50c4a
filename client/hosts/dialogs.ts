import * as vscode from 'vscode';
import { neutralise } from '../neutralise';
import type { Prompts } from './prompts';

const secretBox = (title: string, prompt: string, password: boolean): Thenable<string | undefined> =>
  vscode.window.showInputBox({ title, prompt, password, ignoreFocusOut: true });

/** The questions of a connection as VS Code's own dialogs. Modal only where the wrong answer cannot be undone. */
export const dialogs: Prompts = {
  async acceptHostKey(question) {
    const accept = vscode.l10n.t('Trust and Connect');
    const choice = await vscode.window.showWarningMessage(
      vscode.l10n.t('The host key of {0} is not known.', question.host),
      {
        modal: true,
        detail: vscode.l10n.t(
          'Port {0}\n{1}\n{2}\n\nCompare the fingerprint with the one that the administrator gives you. Trusting it remembers the key; known_hosts is not changed.',
          question.port,
          question.keyType,
          question.fingerprint,
        ),
      },
      accept,
    );
    return choice === accept;
  },
  async passphrase(keyFile, target, attempt) {
    const again = attempt > 1 ? vscode.l10n.t('That was not right. ') : '';
    return secretBox(
      vscode.l10n.t('Connect {0}', target),
      again + vscode.l10n.t('Passphrase for {0}', keyFile),
      true,
    );
  },
  async secret(prompt, target, echo) {
    return secretBox(vscode.l10n.t('Connect {0}', target), neutralise(prompt), !echo);
  },
  async uploadHelper(target, directory, bytes) {
    const install = vscode.l10n.t('Install');
    const choice = await vscode.window.showInformationMessage(
      vscode.l10n.t('Install the ISM helper on {0}?', target),
      {
        modal: true,
        detail: vscode.l10n.t(
          'A program of {0} KB is copied to {1}. It lists and binds ISM functions and carries out stores; it runs only while this window is connected.',
          Math.ceil(bytes / 1024),
          directory,
        ),
      },
      install,
    );
    return choice === install;
  },
};
