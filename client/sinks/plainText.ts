/** What each kind of place takes for more than text, removed. The last step before VS Code: nothing of ours needs any of it. */
import { neutraliseLines } from '../../protocol/remoteText';

/**
 * For notifications, dialogs, input boxes, lists and progress, which make links of `[x](y)` and icons of `$(x)`. Line feeds stay.
 *
 * @param text ours with parts of a peer in it; a URL of ours stays whole, since it is no link there
 */
export const forWidget = (text: string): string =>
  withoutControls(text)
    .replace(/\](?=\()/g, '] ')
    .replace(/\$(?=\()/g, '$ ');

/** For rows of trees, tooltips, test messages and diagnostics. */
export const forRow = forWidget;

/** For output channels: URLs would be links there. */
export const forLog = (text: string): string => neutraliseLines(text, 1_000_000);

/** For terminals and the output of a test run: no escape sequence, CR LF as terminals want it. */
export const forTerminal = (text: string): string => withoutControls(text);

/** Controls but line feeds and tabs, and marks that reorder or hide text, become U+FFFD. */
function withoutControls(text: string): string {
  return /^[\n -~]*$/.test(text)
    ? text
    : text.replace(/\r\n/g, '\n').replace(/[^\P{Cc}\t\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, '\uFFFD');
}
