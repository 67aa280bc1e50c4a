/** Texts of modules without VS Code; what is shared with other parts takes them from protocol/ itself. */
export { t, useTranslator } from '../../protocol/l10n';
