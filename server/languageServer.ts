import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CodeActionKind,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type CodeAction,
  type CodeActionParams,
  type Command,
  type Connection,
  type DidChangeConfigurationParams,
  type DidChangeWatchedFilesParams,
  type Hover,
  type HoverParams,
  type InitializeParams,
  type InitializeResult,
  type WorkspaceFoldersChangeEvent,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { errorMessage } from '../protocol/errorMessage';
import { lintSection } from '../protocol/lint';
import { configurationName } from './configuration/find';
import { ClientSettings } from './editor/clientSettings';
import { codeActions } from './editor/codeActions';
import { isConfiguration } from './editor/configurationFile';
import { hoverAt } from './editor/hover';
import { Linter, pathOfUri } from './editor/linter';
import { debounce, folderOfUri, Publisher } from './editor/publisher';
import { rootsOf } from './editor/roots';
import { readInitializationOptions } from './editor/settings';
import { WorkspaceLint } from './editor/workspaceLint';
import { isScript, ScriptServer } from './script/scriptServer';
import { CParser } from './syntax/parser';

/** The language server of one client: C files, lint configurations and store scripts. */
class LanguageServer {
  private readonly documents = new TextDocuments(TextDocument);
  private readonly opened = new Set<string>();
  private readonly settings: ClientSettings;
  private readonly publisher: Publisher;
  private readonly workspace: WorkspaceLint;
  private readonly scripts: ScriptServer;
  private linter: Promise<Linter> | undefined;
  private roots: string[] = [];
  private client = { changes: false, watching: false, progress: false, folders: false };
  private ruleDocs: string | undefined;
  private asksForReasons = false;

  constructor(
    private readonly connection: Connection,
    private readonly programDirectory: string,
  ) {
    this.settings = new ClientSettings(connection);
    this.publisher = new Publisher(
      connection,
      this.documents,
      () => this.theLinter(),
      (rule) => this.pageOf(rule),
    );
    this.workspace = new WorkspaceLint(connection, this.publisher);
    this.scripts = new ScriptServer(connection, this.documents);
    connection.onInitialize((params) => this.initialize(params));
    connection.onInitialized(() => this.initialized());
    connection.onDidChangeConfiguration((params) => this.settingsChanged(params));
    connection.onDidChangeWatchedFiles((params) => this.filesChanged(params));
    connection.onCodeAction((params) => this.codeActions(params));
    connection.onHover((params) => this.hover(params));
    connection.onCompletion(({ textDocument, position }) => {
      const script = this.scripts.find(textDocument.uri);
      return script ? this.scripts.completion(script, position) : [];
    });
    connection.onDocumentFormatting(({ textDocument }) => {
      const script = this.scripts.find(textDocument.uri);
      return script ? this.scripts.format(script) : [];
    });
    this.documents.onDidChangeContent(({ document }) => this.changed(document));
    this.documents.onDidSave(({ document }) => this.saved(document));
    this.documents.onDidClose(({ document }) => this.closed(document));
  }

  listen(): void {
    this.documents.listen(this.connection);
    this.connection.listen();
  }

  /** Loads the grammar when the first document is linted, not when the server starts. */
  private theLinter(): Promise<Linter> {
    this.linter ??= CParser.load(this.programDirectory).then(async (parser) => {
      const made = new Linter(parser);
      made.roots = this.roots;
      made.settings = await this.settings.read();
      return made;
    });
    return this.linter;
  }

  /** The page of a rule: where the client says, beside the bundle, or in the source tree it was built from. */
  private pageOf(rule: string): string | undefined {
    if (this.ruleDocs !== undefined) return `${this.ruleDocs.replace(/\/$/, '')}/${rule}.md`;
    const places = [['rules'], ['..', '..', 'server', 'rules']];
    const found = places
      .map((place) => path.join(this.programDirectory, ...place, `${rule}.md`))
      .find((page) => existsSync(page));
    return found && pathToFileURL(found).href;
  }

  private initialize(params: InitializeParams): InitializeResult {
    const { workspace: able, window } = params.capabilities;
    this.client = {
      changes: able?.didChangeConfiguration?.dynamicRegistration === true,
      watching: able?.didChangeWatchedFiles?.dynamicRegistration === true,
      progress: window?.workDoneProgress === true,
      folders: able?.workspaceFolders === true,
    };
    this.settings.asks = able?.configuration === true;
    this.settings.initial = params.initializationOptions;
    this.roots = rootsOf(params);
    const options = readInitializationOptions(params.initializationOptions);
    this.ruleDocs = options.ruleDocs;
    this.asksForReasons = options.asksForReasons ?? false;
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
  }

  private initialized(): void {
    const { client } = this.connection;
    if (this.client.changes)
      this.inBackground(
        'Registering for changes of the settings',
        client.register(DidChangeConfigurationNotification.type, { section: lintSection }),
      );
    if (this.client.watching)
      this.inBackground(
        'Registering for changes on disk',
        client.register(DidChangeWatchedFilesNotification.type, {
          watchers: [{ globPattern: '**/*.{c,h}' }, { globPattern: `**/${configurationName}` }],
        }),
      );
    // The library refuses this listener for a client that does not announce changes of its folders.
    if (this.client.folders)
      this.connection.workspace.onDidChangeWorkspaceFolders((event) => this.foldersChanged(event));
    if (this.roots.length > 0) this.inBackground('Linting the workspace', this.lintWorkspace());
  }

  private foldersChanged({ added, removed }: WorkspaceFoldersChangeEvent): void {
    const gone = new Set(removed.map(({ uri }) => pathOfUri(uri)));
    const more = added.map(({ uri }) => pathOfUri(uri)).filter((each) => path.isAbsolute(each));
    this.roots = [...this.roots.filter((each) => !gone.has(each)), ...more];
    this.inBackground(
      'Linting the workspace',
      this.theLinter().then(async (ready) => {
        ready.roots = this.roots;
        if (gone.size > 0) await this.workspace.end();
        await this.lintWorkspace();
      }),
    );
  }

  /** Logs the failure of work that no request waits for: an unhandled rejection would end the server. */
  private inBackground(task: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.connection.console.warn(`${task} failed: ${errorMessage(error)}`);
    });
  }

  /** Runs something with the linter, if there is one already. Failures are logged: no notification of a client may end the server. */
  private withLinter(task: string, run: (ready: Linter) => void): void {
    if (this.linter) this.inBackground(task, this.linter.then(run));
  }

  /** Lints the workspace if the settings say so; otherwise removes its diagnostics. */
  private async lintWorkspace(): Promise<void> {
    const { enable, workspace: wanted, maxFileSizeKiB } = (await this.theLinter()).settings;
    if (enable && wanted && this.roots.length > 0)
      await this.workspace.run(this.roots, maxFileSizeKiB * 1024, this.client.progress);
    else await this.workspace.end();
  }

  private settingsChanged({ settings: sent }: DidChangeConfigurationParams): void {
    this.settings.sent = sent;
    const changed = this.theLinter().then(async (ready) => {
      ready.settings = await this.settings.read();
      this.publisher.scheduleAll();
      await this.lintWorkspace();
    });
    this.inBackground('Applying the settings', changed);
  }

  private filesChanged({ changes }: DidChangeWatchedFilesParams): void {
    this.withLinter('Following changes on disk', (ready) => {
      if (changes.some(({ uri }) => isConfiguration(uri))) {
        ready.expireConfigurations();
        this.publisher.scheduleAll();
        if (this.workspace.isOn) this.inBackground('Linting the workspace', this.lintWorkspace());
      }
      const sources = changes.filter(({ uri }) => !isConfiguration(uri));
      for (const folder of new Set(sources.map(({ uri }) => folderOfUri(uri)))) {
        ready.expire(folder);
        this.publisher.schedule(folder, debounce, this.workspace.isOn);
      }
    });
  }

  private changed(document: TextDocument): void {
    const { uri } = document;
    if (this.scripts.find(uri)) this.scripts.schedule(document);
    else if (isConfiguration(uri))
      this.inBackground('Checking the configuration', this.publisher.configuration(document));
    // Opening a document counts as its first change. No keystroke follows it, so that there is nothing to wait for.
    else this.publisher.schedule(folderOfUri(uri), this.opened.has(uri) ? debounce : 0);
    this.opened.add(uri);
  }

  private saved({ uri }: TextDocument): void {
    if (this.scripts.find(uri)) return;
    this.withLinter('Following a save', (ready) => {
      if (isConfiguration(uri)) {
        ready.expireConfigurations();
        this.publisher.scheduleAll();
      } else {
        ready.expire(folderOfUri(uri));
        this.publisher.schedule(folderOfUri(uri), debounce, this.workspace.isOn);
      }
    });
  }

  private closed(document: TextDocument): void {
    const { uri } = document;
    this.opened.delete(uri);
    if (isScript(document)) {
      this.scripts.close(document);
      return;
    }
    this.withLinter('Closing a document', (ready) => ready.close(uri));
    this.inBackground('Closing a document', this.publisher.close(uri, this.workspace.isOn));
  }

  private async codeActions({
    textDocument: { uri },
    range,
    context: { only },
  }: CodeActionParams): Promise<(CodeAction | Command)[]> {
    if (only && !only.some((kind) => kind === '' || kind === CodeActionKind.QuickFix)) return [];
    const script = this.scripts.find(uri);
    if (script) return this.scripts.actions(script, range);
    if (!this.linter) return [];
    // Findings from before the last keystrokes have stale places, and so would the edits.
    await this.publisher.settle(folderOfUri(uri));
    return codeActions(uri, range, await this.linter, this.asksForReasons);
  }

  private hover({ textDocument: { uri }, position }: HoverParams): Hover | null {
    const script = this.scripts.find(uri);
    if (script) return this.scripts.hover(script, position) ?? null;
    const start = { line: position.line, character: 0 };
    const end = { line: position.line + 1, character: 0 };
    const line = this.documents.get(uri)?.getText({ start, end }) ?? '';
    const found = hoverAt(line, position.character);
    if (!found) return null;
    return {
      contents: { kind: 'markdown', value: found.text },
      range: { start: { ...start, character: found.start }, end: { ...start, character: found.end } },
    };
  }
}

/**
 * Serves a client until its connection ends.
 * @param connection the client; nothing has listened to it yet
 * @param programDirectory the folder of the WASM files and of the rules' pages
 */
export function startLanguageServer(connection: Connection, programDirectory: string): void {
  new LanguageServer(connection, programDirectory).listen();
}
