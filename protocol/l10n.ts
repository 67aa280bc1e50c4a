/**
 * Texts of modules that know nothing of VS Code: in the extension they go through `vscode.l10n.t`, in tests and other
 * programs they stay as they are written.
 */
type Translate = (message: string, ...args: (string | number)[]) => string;

let translate: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (hole, index: string) => String(args[Number(index)] ?? hole));

/** Called once by the extension. */
export function useTranslator(translator: Translate): void {
  translate = translator;
}

/** A text in the user's language; `{0}`, `{1}` are replaced by the arguments. */
export const t: Translate = (message, ...args) => translate(message, ...args);
