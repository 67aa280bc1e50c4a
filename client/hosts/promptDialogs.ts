import * as vscode from 'vscode';
import { createInputBox, showInformationMessage, showWarningMessage } from '../sinks/dialogs';
import type { HostKeyQuestion } from '../ssh/hostKeyCheck';
import type { Prompts } from '../ssh/prompts';
import {
  LoginSecrets,
  needsPerson,
  SecretKeeper,
  secretPrompts,
  type SecretAnswer,
  type SecretQuestion,
} from '../ssh/secrets';

/** The questions of connections as VS Code's own dialogs. Modal only where the wrong answer cannot be undone. */
export class Dialogs {
  readonly secrets: SecretKeeper;

  constructor(storage: vscode.SecretStorage) {
    this.secrets = new SecretKeeper(storage, askSecret);
  }

  /**
   * The prompts of one connection.
   *
   * @param quiet for a connection that comes back by itself: nothing is shown that nobody asked for
   */
  prompts(quiet: boolean): Prompts {
    return {
      acceptHostKey: (question) => (quiet ? Promise.reject(needsPerson()) : askHostKey(question)),
      uploadHelper: (target, directory, bytes) =>
        quiet ? Promise.reject(needsPerson()) : askUpload(target, directory, bytes),
      ...secretPrompts(new LoginSecrets(this.secrets, quiet)),
    };
  }
}

/** An input box with a button that says whether the answer is kept; the box stays open until it is answered. */
function askSecret(question: SecretQuestion): Promise<SecretAnswer | undefined> {
  const box = createInputBox({
    title: question.title,
    prompt: question.prompt,
    ...(question.attempt > 1 ? { warning: 'The answer before was not right.' } : {}),
  });
  const button = (remember: boolean): vscode.QuickInputButton => ({
    iconPath: new vscode.ThemeIcon(remember ? 'pass-filled' : 'circle-large-outline'),
    tooltip: remember
      ? 'Will be kept in the secret storage of VS Code'
      : 'Keep it in the secret storage of VS Code',
  });
  let remember = false;
  box.password = !question.echo;
  box.ignoreFocusOut = true;
  if (question.key !== undefined) box.buttons = [button(remember)];
  return new Promise((resolve) => {
    box.onDidTriggerButton(() => {
      remember = !remember;
      box.buttons = [button(remember)];
    });
    box.onDidAccept(() => {
      resolve({ value: box.value, remember });
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

async function askHostKey(question: HostKeyQuestion): Promise<boolean> {
  const accept = 'Trust and Connect';
  const choice = await showWarningMessage(
    `The host key of ${question.host} is not known.`,
    {
      modal: true,
      detail: `Port ${question.port}\n${question.keyType}\n${question.fingerprint}\n\nCompare the fingerprint with the one that the administrator gives you. Trusting it remembers the key; known_hosts is not changed.`,
    },
    accept,
  );
  return choice === accept;
}

async function askUpload(target: string, directory: string, bytes: number): Promise<boolean> {
  const install = 'Install';
  const choice = await showInformationMessage(
    `Install the ISM helper on ${target}?`,
    {
      modal: true,
      detail: `A program of ${Math.ceil(bytes / 1024)} KB is copied to ${directory}. It lists and binds ISM functions and carries out stores; it runs only while this window is connected.`,
    },
    install,
  );
  return choice === install;
}
