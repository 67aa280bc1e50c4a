#!/usr/bin/env node
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CodeActionKind,
  createConnection,
  DidChangeConfigurationNotification,
  ProposedFeatures,
  TextDocuments,
  TextDocumentSyncKind,
  type InitializeParams,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { lintSection } from '../protocol/lint';
import { codeActions } from './editor/codeActions';
import { toDiagnostic } from './editor/diagnostics';
import { hoverAt } from './editor/hover';
import { Linter, pathOfUri } from './editor/linter';
import { readInitializationOptions, readSettings } from './editor/settings';
import { CParser } from './syntax/parser';

/** How long to wait for the next keystroke, in milliseconds; short, because a run takes a few of them. */
const debounce = 40;

// Started by hand, as `node server.js --stdio`, or by a client over a pipe or IPC: the arguments say which.
const connection = createConnection(ProposedFeatures.all);
const documents = new TextDocuments(TextDocument);
const timers = new Map<string, NodeJS.Timeout>();
const saidToSkip = new Set<string>();
const seen = new Set<string>();
let linter: Promise<Linter> | undefined;
let asksConfiguration = false;
let hearsOfConfiguration = false;
let ruleDocs: string | undefined;
let asksForReasons = false;

/** The grammar is loaded when the first document is linted, not when the server starts. */
function theLinter(): Promise<Linter> {
  linter ??= CParser.load(__dirname).then(async (parser) => {
    const made = new Linter(parser);
    made.settings = await settings();
    return made;
  });
  return linter;
}

async function settings(): Promise<Linter['settings']> {
  const value: unknown = asksConfiguration
    ? await connection.workspace.getConfiguration(lintSection)
    : undefined;
  return readSettings(value);
}

/** The page of a rule: where the client says, beside the bundle, or in the source tree it was built from. */
function pageOf(rule: string): string | undefined {
  if (ruleDocs !== undefined) return `${ruleDocs.replace(/\/$/, '')}/${rule}.md`;
  const places = [path.join(__dirname, 'rules'), path.join(__dirname, '..', '..', 'server', 'rules')];
  const found = places.map((place) => path.join(place, `${rule}.md`)).find((page) => existsSync(page));
  return found && pathToFileURL(found).href;
}

function folderOf(uri: string): string {
  return path.dirname(pathOfUri(uri));
}

/** Lints the open documents of a folder and publishes what was found. */
async function lintFolder(folder: string): Promise<void> {
  const ready = await theLinter();
  const open = documents.all().filter((document) => folderOf(document.uri) === folder);
  const texts = open.map((document) => ({ uri: document.uri, text: document.getText() }));
  for (const { uri, findings, skipped } of ready.lintFolder(folder, texts)) {
    if (skipped === undefined) saidToSkip.delete(uri);
    else if (!saidToSkip.has(uri)) {
      saidToSkip.add(uri);
      connection.console.warn(`${pathOfUri(uri)} is not linted. ${skipped}`);
    }
    const version = documents.get(uri)?.version;
    await connection.sendDiagnostics({
      uri,
      ...(version === undefined ? {} : { version }),
      diagnostics: findings.map((finding) => toDiagnostic(finding, ready, pageOf)),
    });
  }
}

/** Lints a folder once no key was struck for a moment. Whatever goes wrong is said in the log and ends nothing. */
function schedule(folder: string, wait = debounce): void {
  clearTimeout(timers.get(folder));
  timers.set(
    folder,
    setTimeout(() => {
      timers.delete(folder);
      lintFolder(folder).catch((error: unknown) => {
        connection.console.error(
          `Linting ${folder} failed: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
    }, wait),
  );
}

function scheduleAll(): void {
  for (const folder of new Set(documents.all().map((document) => folderOf(document.uri)))) schedule(folder);
}

connection.onInitialize((params: InitializeParams) => {
  const { workspace } = params.capabilities;
  asksConfiguration = workspace?.configuration === true;
  hearsOfConfiguration = workspace?.didChangeConfiguration?.dynamicRegistration === true;
  ({ ruleDocs, asksForReasons = false } = readInitializationOptions(params.initializationOptions));
  return {
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      hoverProvider: true,
    },
    serverInfo: { name: 'ism-lint' },
  };
});

connection.onInitialized(() => {
  if (hearsOfConfiguration)
    void connection.client.register(DidChangeConfigurationNotification.type, { section: lintSection });
});

connection.onDidChangeConfiguration(() => {
  void theLinter().then(async (ready) => {
    ready.settings = await settings();
    scheduleAll();
  });
});

// Opening a document is its first change; nobody is typing then.
documents.onDidChangeContent(({ document }) => {
  schedule(folderOf(document.uri), seen.has(document.uri) ? debounce : 0);
  seen.add(document.uri);
});
documents.onDidSave(({ document }) => {
  void linter?.then((ready) => ready.expire(folderOf(document.uri)));
  schedule(folderOf(document.uri));
});
documents.onDidClose(({ document }) => {
  saidToSkip.delete(document.uri);
  seen.delete(document.uri);
  void linter?.then((ready) => ready.close(document.uri));
  void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  // Its text on disk may differ from what was in the editor, and others of the folder may depend on it.
  schedule(folderOf(document.uri));
});

connection.onCodeAction(async ({ textDocument, range }) =>
  linter ? codeActions(textDocument.uri, range, await linter, asksForReasons) : [],
);

connection.onHover(({ textDocument, position }) => {
  const document = documents.get(textDocument.uri);
  const start = { line: position.line, character: 0 };
  const line = document?.getText({ start, end: { line: position.line + 1, character: 0 } }) ?? '';
  const found = hoverAt(line, position.character);
  return found
    ? {
        contents: { kind: 'markdown', value: found.text },
        range: { start: { ...start, character: found.start }, end: { ...start, character: found.end } },
      }
    : null;
});

documents.listen(connection);
connection.listen();
