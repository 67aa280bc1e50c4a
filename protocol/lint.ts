/**
 * What ism-lint prints and what the language server and its clients say to each other about linting. Used by server/ and
 * client/.
 */

/** One finding as `ism-lint --format json` prints it. Lines and columns count from 1, columns in UTF-16 code units. */
export interface ReportedFinding {
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'info';
  /** The path as it was given, or as it was found below a given folder. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** The column behind the last character. */
  readonly endColumn: number;
  /** The function around the finding; empty outside of one. */
  readonly function: string;
  readonly message: string;
  /** With `--patch`: the line of the patch file, from 1, that brings the finding about. */
  readonly patch?: { readonly file: string; readonly line: number };
}

/** A file that was not linted, and one sentence that says why. */
export interface SkippedFile {
  readonly file: string;
  readonly reason: string;
}

/** The whole of what `ism-lint --format json` prints. */
export interface LintReport {
  readonly version: 1;
  readonly findings: readonly ReportedFinding[];
  readonly skipped: readonly SkippedFile[];
}

/** The section of the settings that the language server asks for. */
export const lintSection = 'ism.lint';

/** The settings below `ism.lint`. */
export interface LintSettings {
  /** Whether files are linted at all. */
  readonly enable: boolean;
  /** Files beyond this size are skipped, which the log says. */
  readonly maxFileSizeKiB: number;
  /** Whether the files of the workspace that concern the rules are linted although nobody has opened them. */
  readonly workspace: boolean;
}

/** What holds where the user has set nothing; package.json says the same. */
export const defaultLintSettings: LintSettings = {
  enable: true,
  maxFileSizeKiB: 2048,
  workspace: true,
};

/** What a client may send with `initialize`. */
export interface LintInitializationOptions {
  /** The URI of the folder that holds the pages of the rules, as `<rule>.md`. Default: beside the server. */
  readonly ruleDocs?: string;
  /** Whether the client has the command that asks for the reason of a suppression. */
  readonly asksForReasons?: boolean;
}

/** What the server attaches to a diagnostic, for the client and for later quick fixes. */
export interface DiagnosticData {
  readonly rule: string;
  /** The function around the finding; empty outside of one. */
  readonly function: string;
}

/** The `source` of every diagnostic of this server. */
export const diagnosticSource = 'ism-lint';

/**
 * The command behind the quick fix that suppresses a finding. The client registers it, asks for the reason, and inserts
 * the comment; its one argument is a SuppressRequest. Who does not say `asksForReasons` gets an edit without a reason.
 */
export const suppressCommand = 'ism.lint.suppress';

/** Where a comment goes that suppresses a finding. */
export interface SuppressRequest {
  readonly uri: string;
  readonly rule: string;
  /** The line, from zero, before which the comment goes. */
  readonly line: number;
  /** What the line begins with. */
  readonly indent: string;
  /** What the comment's line ends with: as the text's lines do, and inside of a macro with a backslash before it. */
  readonly ending: string;
}

/** The comment that suppresses a finding, without its indentation. */
export function suppressComment(rule: string, reason: string): string {
  // A reason that closes the comment would leave the rest of it as code.
  return `/* ism-lint-ignore ${rule}: ${reason.replace(/\*\//g, '* /').replace(/\s+/g, ' ').trim()} */`;
}
