/** Store scripts in the language server: diagnostics while typing, fixes, completion, hovers, formatting. */
import {
  CodeActionKind,
  CompletionItemKind,
  DiagnosticSeverity,
  type CodeAction,
  type CompletionItem,
  type Connection,
  type Diagnostic,
  type Hover,
  type Position,
  type Range,
  type TextDocuments,
  type TextEdit,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { errorMessage } from '../../protocol/errorMessage';
import { check } from '../../storescript/checker';
import type { Diagnostic as Mistake, Span } from '../../storescript/diagnostic';
import { formatted, hoverAt, suggestionsAt, type Suggestion } from './scriptFeatures';

const LANGUAGE = 'ism-script';

/** How long to wait for the next keystroke, in milliseconds. */
const DEBOUNCE = 40;

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
} as const;

const kinds: Readonly<Record<Suggestion['kind'], CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  region: CompletionItemKind.Module,
  form: CompletionItemKind.Function,
  name: CompletionItemKind.Variable,
  error: CompletionItemKind.EnumMember,
  unit: CompletionItemKind.Unit,
};

/** Whether a document is a store script: its language, or its name where a client knows no such language. */
export const isScript = ({ uri, languageId }: { uri: string; languageId?: string }): boolean =>
  languageId === LANGUAGE || /\.ism$/.test(uri);

const rangeOf = (document: TextDocument, { start, end }: Span): Range => ({
  start: document.positionAt(start),
  end: document.positionAt(end),
});

function toDiagnostic(document: TextDocument, mistake: Mistake): Diagnostic {
  const { code, severity, message } = mistake;
  return {
    ...{ range: rangeOf(document, mistake), severity: severities[severity], code, message },
    source: LANGUAGE,
  };
}

/** The largest script that is checked while typing, in characters. */
const LARGEST = 4 * 1024 * 1024;

function mistakesIn(text: string): readonly Mistake[] {
  const told = (message: string): Mistake[] => [
    { code: 'too-much', severity: 'warning', start: 0, end: 0, message },
  ];
  if (text.length > LARGEST)
    return told(
      `This script is larger than ${LARGEST >> 20} MiB and is not checked here. Check it with ism-run --dry-run.`,
    );
  try {
    return check(text).diagnostics;
  } catch (error) {
    return told(`The script could not be checked: ${errorMessage(error)}.`);
  }
}

export class ScriptServer {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly checked = new Map<
    string,
    { readonly version: number; readonly mistakes: readonly Mistake[] }
  >();

  constructor(
    private readonly connection: Connection,
    private readonly documents: TextDocuments<TextDocument>,
  ) {}

  /** The script that is open at a URI, if it is one. */
  find(uri: string): TextDocument | undefined {
    const document = this.documents.get(uri);
    return document && isScript(document) ? document : undefined;
  }

  /** Publishes once no key was struck for a moment. */
  schedule({ uri }: TextDocument): void {
    clearTimeout(this.timers.get(uri));
    const publish = (): void => {
      this.timers.delete(uri);
      // The text as it is then; a document that was closed meanwhile has none.
      const document = this.documents.get(uri);
      if (!document) return;
      const diagnostics = this.check(document).map((each) => toDiagnostic(document, each));
      void this.connection.sendDiagnostics({ uri, version: document.version, diagnostics });
    };
    this.timers.set(uri, setTimeout(publish, DEBOUNCE));
  }

  /** The mistakes of a script as it is now. Whatever goes wrong is said where the script begins, and ends nothing. */
  private check(document: TextDocument): readonly Mistake[] {
    const { uri, version } = document;
    const known = this.checked.get(uri);
    if (known?.version === version) return known.mistakes;
    const mistakes = mistakesIn(document.getText());
    this.checked.set(uri, { version, mistakes });
    return mistakes;
  }

  close({ uri }: TextDocument): void {
    this.checked.delete(uri);
    clearTimeout(this.timers.get(uri));
    this.timers.delete(uri);
    void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  actions(document: TextDocument, range: Range): CodeAction[] {
    const from = document.offsetAt(range.start);
    const to = document.offsetAt(range.end);
    return this.check(document).flatMap((each): CodeAction[] => {
      if (!each.fix || each.start > to || each.end < from) return [];
      const edits = each.fix.edits.map(({ start, end, text }) => ({
        range: rangeOf(document, { start, end }),
        newText: text,
      }));
      return [
        {
          title: each.fix.title,
          kind: CodeActionKind.QuickFix,
          isPreferred: true,
          diagnostics: [toDiagnostic(document, each)],
          edit: { changes: { [document.uri]: edits } },
        },
      ];
    });
  }

  completion(document: TextDocument, position: Position): CompletionItem[] {
    return suggestionsAt(document.getText(), document.offsetAt(position)).map(
      ({ label, kind, detail, documentation }) => ({
        label,
        kind: kinds[kind],
        ...(detail ? { detail } : {}),
        ...(documentation ? { documentation } : {}),
      }),
    );
  }

  hover(document: TextDocument, position: Position): Hover | null {
    const found = hoverAt(document.getText(), document.offsetAt(position));
    return (
      (found && { contents: { kind: 'markdown', value: found.text }, range: rangeOf(document, found) }) ??
      null
    );
  }

  format(document: TextDocument): TextEdit[] {
    const text = document.getText();
    const after = formatted(text);
    return after === text
      ? []
      : [{ range: rangeOf(document, { start: 0, end: text.length }), newText: after }];
  }
}
