/**
 * VS Code's notifications, dialogs, input boxes and lists for all of the client: everything that is shown passes through
 * {@link forWidget}. ESLint forbids VS Code's own functions elsewhere.
 */
import * as vscode from 'vscode';
import { signalOf } from './cancellation';
import { forWidget } from './plainText';

type Show = (
  message: string,
  options: vscode.MessageOptions,
  ...buttons: string[]
) => Thenable<string | undefined>;

/** Buttons are texts of ours; what is answered is the button as it was given. */
async function show(
  how: Show,
  message: string,
  rest: readonly (string | vscode.MessageOptions)[],
): Promise<string | undefined> {
  const [first, ...others] = rest;
  const options = typeof first === 'object' ? first : {};
  const buttons = (typeof first === 'string' ? [first, ...others] : others).filter(
    (button) => typeof button === 'string',
  );
  const shown = buttons.map(forWidget);
  const detail = options.detail === undefined ? {} : { detail: forWidget(options.detail) };
  const choice = await how(forWidget(message), { ...options, ...detail }, ...shown);
  return choice === undefined ? undefined : buttons[shown.indexOf(choice)];
}

type Message = (
  message: string,
  ...rest: [vscode.MessageOptions, ...string[]] | string[]
) => Promise<string | undefined>;

export const showInformationMessage: Message = (message, ...rest) =>
  show((...all) => vscode.window.showInformationMessage(...all), message, rest);

export const showWarningMessage: Message = (message, ...rest) =>
  show((...all) => vscode.window.showWarningMessage(...all), message, rest);

export const showErrorMessage: Message = (message, ...rest) =>
  show((...all) => vscode.window.showErrorMessage(...all), message, rest);

function plainItem(item: vscode.QuickPickItem): vscode.QuickPickItem {
  return {
    ...item,
    label: forWidget(item.label),
    ...(item.description === undefined ? {} : { description: forWidget(item.description) }),
    ...(item.detail === undefined ? {} : { detail: forWidget(item.detail) }),
  };
}

const plainTitle = <T extends { title?: string; placeHolder?: string }>(options: T): T => ({
  ...options,
  ...(options.title === undefined ? {} : { title: forWidget(options.title) }),
  ...(options.placeHolder === undefined ? {} : { placeHolder: forWidget(options.placeHolder) }),
});

/** One of a list; the answer is the item as it was given. */
export async function showQuickPick<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Promise<T | undefined> {
  const shown = items.map(plainItem);
  const choice = await vscode.window.showQuickPick(shown, plainTitle(options));
  return choice && items[shown.indexOf(choice)];
}

/** Several of a list. */
export async function showManyPick<T extends vscode.QuickPickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Promise<readonly T[] | undefined> {
  const shown = items.map(plainItem);
  const choice = await vscode.window.showQuickPick(shown, { ...plainTitle(options), canPickMany: true });
  return choice && items.filter((_, index) => choice.includes(shown[index] as vscode.QuickPickItem));
}

type Problem = string | vscode.InputBoxValidationMessage | undefined;

/** One line from the person. `validateInput` answers with a sentence. */
export function showInputBox(
  options: Omit<vscode.InputBoxOptions, 'validateInput'> & {
    readonly validateInput?: (text: string) => Problem | Promise<Problem>;
  },
): Thenable<string | undefined> {
  const { validateInput, ...others } = options;
  return vscode.window.showInputBox({
    ...plainTitle(others),
    ...(others.prompt === undefined ? {} : { prompt: forWidget(others.prompt) }),
    ...(validateInput === undefined
      ? {}
      : {
          validateInput: async (text: string) => {
            const answer = await validateInput(text);
            if (answer === undefined) return undefined;
            return typeof answer === 'string'
              ? forWidget(answer)
              : { ...answer, message: forWidget(answer.message) };
          },
        }),
  });
}

/** An input box that asks for a secret or a code; what it shows is given once. */
export function createInputBox(shown: { title: string; prompt: string; warning?: string }): vscode.InputBox {
  const box = vscode.window.createInputBox();
  box.title = forWidget(shown.title);
  box.prompt = forWidget(shown.prompt);
  if (shown.warning !== undefined)
    box.validationMessage = {
      message: forWidget(shown.warning),
      severity: vscode.InputBoxValidationSeverity.Warning,
    };
  return box;
}

/** Shows progress while the task runs. @param task its signal is aborted when the person cancels */
export function withProgress<T>(
  options: vscode.ProgressOptions,
  task: (
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    signal: AbortSignal,
  ) => Thenable<T>,
): Thenable<T> {
  const title = options.title === undefined ? {} : { title: forWidget(options.title) };
  return vscode.window.withProgress({ ...options, ...title }, async (progress, token) => {
    const cancellation = signalOf(token);
    const report = ({ message, ...others }: { message?: string; increment?: number }): void =>
      progress.report({ ...others, ...(message === undefined ? {} : { message: forWidget(message) }) });
    try {
      return await task({ report }, cancellation.signal);
    } finally {
      cancellation.dispose();
    }
  });
}

export function setStatusBarMessage(text: string, milliseconds: number): vscode.Disposable {
  return vscode.window.setStatusBarMessage(forWidget(text), milliseconds);
}
