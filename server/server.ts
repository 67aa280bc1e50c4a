import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CodeActionKind,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type InitializeParams,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { lintSection } from '../protocol/lint';
import { configurationName } from './configuration/find';
import { codeActions } from './editor/codeActions';
import { isConfiguration } from './editor/configurationFile';
import { hoverAt } from './editor/hover';
import { ClientSettings } from './editor/clientSettings';
import { Linter, pathOfUri } from './editor/linter';
import { debounce, folderOfUri, Publisher } from './editor/publisher';
import { readInitializationOptions } from './editor/settings';
import { rootsOf } from './editor/roots';
import { WorkspaceLint } from './editor/workspaceLint';
import { connect } from './start/connect';
import { isScript, ScriptServer } from './script/scriptServer';
import { CParser } from './syntax/parser';

// Started by hand, as `node server.js --stdio`, or by a client over a pipe or IPC: the arguments say which.
const connection = connect();
const documents = new TextDocuments(TextDocument);
const seen = new Set<string>();
const settings = new ClientSettings(connection);
let linter: Promise<Linter> | undefined;
let roots: string[] = [];
let client = { changes: false, watching: false, progress: false, folders: false };
let ruleDocs: string | undefined;
let asksForReasons = false;

/** The grammar is loaded when the first document is linted, not when the server starts. */
function theLinter(): Promise<Linter> {
  linter ??= CParser.load(__dirname).then(async (parser) => {
    const made = new Linter(parser);
    made.roots = roots;
    made.settings = await settings.read();
    return made;
  });
  return linter;
}

/** The page of a rule: where the client says, beside the bundle, or in the source tree it was built from. */
function pageOf(rule: string): string | undefined {
  if (ruleDocs !== undefined) return `${ruleDocs.replace(/\/$/, '')}/${rule}.md`;
  const places = [path.join(__dirname, 'rules'), path.join(__dirname, '..', '..', 'server', 'rules')];
  const found = places.map((place) => path.join(place, `${rule}.md`)).find((page) => existsSync(page));
  return found && pathToFileURL(found).href;
}

const publisher = new Publisher(connection, documents, theLinter, pageOf);
const workspace = new WorkspaceLint(connection, publisher);
const scripts = new ScriptServer(connection, documents);

connection.onInitialize((params: InitializeParams) => {
  const { workspace: able, window } = params.capabilities;
  client = {
    changes: able?.didChangeConfiguration?.dynamicRegistration === true,
    watching: able?.didChangeWatchedFiles?.dynamicRegistration === true,
    progress: window?.workDoneProgress === true,
    folders: able?.workspaceFolders === true,
  };
  settings.asks = able?.configuration === true;
  settings.initial = params.initializationOptions;
  roots = rootsOf(params);
  ({ ruleDocs, asksForReasons = false } = readInitializationOptions(params.initializationOptions));
  return {
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      hoverProvider: true,
      completionProvider: { triggerCharacters: [' ', ':'] },
      documentFormattingProvider: true,
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
    serverInfo: { name: 'ism-lint' },
  };
});

/** What goes wrong beside the answer to a request is said in the log: nobody waits for it, and it would end the server. */
function unawaited(task: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    connection.console.warn(`${task} failed: ${why}`);
  });
}

/** Does something with the linter if there is one already: a client may send whatever it likes, and that must not end the server. */
function withLinter(task: string, run: (ready: Linter) => void): void {
  if (linter) unawaited(task, linter.then(run));
}

/** Looks through the workspace when that is wanted, or takes back what was shown of it. */
async function lintWorkspace(): Promise<void> {
  const { enable, workspace: wanted, maxFileSizeKiB } = (await theLinter()).settings;
  if (enable && wanted && roots.length > 0)
    await workspace.run(roots, maxFileSizeKiB * 1024, client.progress);
  else await workspace.end();
}

connection.onInitialized(() => {
  if (client.changes)
    unawaited(
      'Asking for changes of the settings',
      connection.client.register(DidChangeConfigurationNotification.type, { section: lintSection }),
    );
  if (client.watching)
    unawaited(
      'Asking for changes on disk',
      connection.client.register(DidChangeWatchedFilesNotification.type, {
        watchers: [{ globPattern: '**/*.{c,h}' }, { globPattern: `**/${configurationName}` }],
      }),
    );
  // A window may begin without a folder; the library refuses to listen for a client that never tells.
  if (client.folders)
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const gone = new Set(removed.map(({ uri }) => pathOfUri(uri)));
      const more = added.map(({ uri }) => pathOfUri(uri)).filter((each) => path.isAbsolute(each));
      roots = [...roots.filter((each) => !gone.has(each)), ...more];
      unawaited(
        'Looking through the workspace',
        theLinter().then(async (ready) => {
          ready.roots = roots;
          if (gone.size > 0) await workspace.end();
          await lintWorkspace();
        }),
      );
    });
  if (roots.length > 0) unawaited('Looking through the workspace', lintWorkspace());
});

connection.onDidChangeConfiguration(({ settings: sent }) => {
  settings.sent = sent;
  const changed = theLinter().then(async (ready) => {
    ready.settings = await settings.read();
    publisher.scheduleAll();
    await lintWorkspace();
  });
  unawaited('Taking over the settings', changed);
});

connection.onDidChangeWatchedFiles(({ changes }) => {
  withLinter('Following changes on disk', (ready) => {
    if (changes.some(({ uri }) => isConfiguration(uri))) {
      ready.expireConfigurations();
      publisher.scheduleAll();
      if (workspace.isOn) unawaited('Looking through the workspace', lintWorkspace());
    }
    for (const folder of new Set(
      changes.filter(({ uri }) => !isConfiguration(uri)).map(({ uri }) => folderOfUri(uri)),
    )) {
      ready.expire(folder);
      publisher.schedule(folder, debounce, workspace.isOn);
    }
  });
});

// Opening a document is its first change; nobody is typing then.
documents.onDidChangeContent(({ document }) => {
  if (scripts.find(document.uri)) scripts.schedule(document);
  else if (isConfiguration(document.uri))
    unawaited('Checking the configuration', publisher.configuration(document));
  else publisher.schedule(folderOfUri(document.uri), seen.has(document.uri) ? debounce : 0);
  seen.add(document.uri);
});
documents.onDidSave(({ document }) => {
  if (scripts.find(document.uri)) return;
  withLinter('Following a save', (ready) => {
    if (isConfiguration(document.uri)) {
      ready.expireConfigurations();
      publisher.scheduleAll();
    } else {
      ready.expire(folderOfUri(document.uri));
      publisher.schedule(folderOfUri(document.uri), debounce, workspace.isOn);
    }
  });
});
documents.onDidClose(({ document }) => {
  seen.delete(document.uri);
  if (isScript(document)) {
    scripts.close(document);
    return;
  }
  withLinter('Closing a document', (ready) => ready.close(document.uri));
  unawaited('Closing a document', publisher.close(document.uri, workspace.isOn));
});

connection.onCodeAction(async ({ textDocument, range, context: { only } }) => {
  if (only && !only.some((kind) => kind === '' || kind === CodeActionKind.QuickFix)) return [];
  const script = scripts.find(textDocument.uri);
  if (script) return scripts.actions(script, range);
  if (!linter) return [];
  // What was found before the last keystrokes has places that are no longer true, and so would be the edits.
  await publisher.settle(folderOfUri(textDocument.uri));
  return codeActions(textDocument.uri, range, await linter, asksForReasons);
});

connection.onCompletion(({ textDocument, position }) => {
  const script = scripts.find(textDocument.uri);
  return script ? scripts.completion(script, position) : [];
});

connection.onDocumentFormatting(({ textDocument }) => {
  const script = scripts.find(textDocument.uri);
  return script ? scripts.format(script) : [];
});

connection.onHover(({ textDocument, position }) => {
  const script = scripts.find(textDocument.uri);
  if (script) return scripts.hover(script, position);
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

// A client that is gone hears nothing of it, and nobody else wants to.
process.stdout.on('error', () => process.exit(1));
documents.listen(connection);
connection.listen();
