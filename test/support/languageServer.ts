import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';

/** A client that speaks the real protocol with the real server over its standard input and output. */
export class LanguageServer {
  private readonly process: ChildProcess;
  readonly connection: ProtocolConnection;
  readonly log: string[] = [];
  private readonly waiting: { uri: string; done: (params: PublishDiagnosticsParams) => void }[] = [];
  settings: unknown = null;
  /** The diagnostics that were published last, by URI. */
  readonly published = new Map<string, PublishDiagnosticsParams>();
  private readonly idle: (() => void)[] = [];

  constructor() {
    this.process = spawn(process.execPath, [path.resolve('dist/server/server.js'), '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (!this.process.stdout || !this.process.stdin) throw new Error('The server has no standard streams.');
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.process.stdout),
      new StreamMessageWriter(this.process.stdin),
    );
    this.connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.published.set(params.uri, params);
      const at = this.waiting.findIndex(({ uri }) => uri === params.uri);
      if (at >= 0) this.waiting.splice(at, 1)[0]?.done(params);
    });
    this.connection.onNotification(
      'window/logMessage',
      ({ message }: { message: string }) => void this.log.push(message),
    );
    this.connection.onRequest('workspace/configuration', () => [this.settings]);
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.onRequest('window/workDoneProgress/create', () => null);
    this.connection.onNotification('$/progress', ({ value }: { value: { kind: string } }) => {
      this.progress.push(value);
      if (value.kind === 'end') this.idle.forEach((done) => done());
    });
    this.connection.listen();
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** What the server said of work in the background. */
  readonly progress: { kind: string; message?: string }[] = [];

  /**
   * @param initializationOptions what a client may send with `initialize`
   * @param folder the folder of the workspace; without one, single files are open
   * @param others what else is sent with `initialize`, in place of what an able client sends
   */
  async start(initializationOptions?: unknown, folder?: string, others: object = {}): Promise<void> {
    await this.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: folder === undefined ? null : [{ uri: pathToFileURL(folder).href, name: 'w' }],
      capabilities: {
        workspace: {
          configuration: true,
          didChangeConfiguration: { dynamicRegistration: true },
          didChangeWatchedFiles: { dynamicRegistration: true },
          workspaceFolders: true,
        },
        window: { workDoneProgress: true },
        textDocument: { publishDiagnostics: { relatedInformation: true } },
      },
      initializationOptions,
      ...others,
    });
    await this.connection.sendNotification('initialized', {});
  }

  /** Waits until the server has looked through the workspace. */
  looked(): Promise<void> {
    return new Promise((done) => this.idle.push(done));
  }

  /** Tells that a file has changed on disk, as a client's watcher does. */
  async changed(file: string, type: 1 | 2 | 3 = 2): Promise<void> {
    const changes = [{ uri: pathToFileURL(file).href, type }];
    await this.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  }

  /** The diagnostics of a document that come next. */
  next(uri: string): Promise<PublishDiagnosticsParams> {
    return new Promise((done) => this.waiting.push({ uri, done }));
  }

  async open(uri: string, text: string): Promise<PublishDiagnosticsParams> {
    const published = this.next(uri);
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'c', version: 1, text },
    });
    return published;
  }

  /** Replaces a piece of a document, as an editor tells it. */
  async edit(uri: string, text: string, from: string, to: string): Promise<PublishDiagnosticsParams> {
    const offset = text.indexOf(from);
    const lines = text.slice(0, offset).split('\n');
    const start = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    const published = this.next(uri);
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [
        { range: { start, end: { ...start, character: start.character + from.length } }, text: to },
      ],
    });
    return published;
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    await new Promise((done) => this.process.once('exit', done));
    this.connection.dispose();
  }
}
