/**
 * Texts of modules that know nothing of VS Code: in the extension they go through `vscode.l10n.t`, in tests and other
 * programs they stay as they are written.
 */
import type { RemoteText } from './remoteText';

type Translate = (message: string, ...args: (string | number)[]) => string;

let translate: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (hole, index: string) => String(args[Number(index)] ?? hole));

/** Called once by the extension. */
export function useTranslator(translator: Translate): void {
  translate = translator;
}

/** A text in the user's language; `{0}`, `{1}` are replaced by the arguments. A peer's text becomes harmless on the way. */
export const t = (message: string, ...args: (string | number | RemoteText)[]): string =>
  translate(message, ...args.map((arg) => (typeof arg === 'object' ? arg.toString() : arg)));
