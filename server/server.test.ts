import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';

const fixtures = path.resolve('server/rules/fixtures/region-info-unknown-index');
const driver = readFileSync(path.join(fixtures, 'found/default-return.c'), 'utf8');
const refusal = 'return -EINVAL;';
const delegation = 'return vfio_pci_ioctl_get_region_info(core_vdev, info, caps);';

/** A client that speaks the real protocol with the real server over its standard input and output. */
class Client {
  private readonly process: ChildProcess;
  readonly connection: ProtocolConnection;
  readonly log: string[] = [];
  private readonly waiting: { uri: string; done: (params: PublishDiagnosticsParams) => void }[] = [];
  settings: unknown = null;

  constructor() {
    this.process = spawn(process.execPath, [path.resolve('dist/server/server.js'), '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    assert.ok(this.process.stdout && this.process.stdin);
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.process.stdout),
      new StreamMessageWriter(this.process.stdin),
    );
    this.connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      const at = this.waiting.findIndex(({ uri }) => uri === params.uri);
      if (at >= 0) this.waiting.splice(at, 1)[0]?.done(params);
    });
    this.connection.onNotification(
      'window/logMessage',
      ({ message }: { message: string }) => void this.log.push(message),
    );
    this.connection.onRequest('workspace/configuration', () => [this.settings]);
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.listen();
  }

  async start(initializationOptions?: unknown): Promise<void> {
    await this.connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {
        workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
        textDocument: { publishDiagnostics: { relatedInformation: true } },
      },
      initializationOptions,
    });
    await this.connection.sendNotification('initialized', {});
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

describe('the language server over stdio', function () {
  this.timeout(20_000);
  let client: Client;
  let folder: string;
  const uriOf = (name: string): string => pathToFileURL(path.join(folder, name)).href;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-server-'));
    client = new Client();
  });
  afterEach(async () => {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows the warning, and takes it back when the arm delegates', async () => {
    await client.start({ ruleDocs: 'file:///docs' });
    const uri = uriOf('main.c');
    const { diagnostics } = await client.open(uri, driver);
    assert.equal(diagnostics.length, 1);
    const [diagnostic] = diagnostics;
    assert.ok(diagnostic);
    assert.deepEqual(diagnostic.range, {
      start: { line: 23, character: 1 },
      end: { line: 23, character: 9 },
    });
    assert.equal(diagnostic.severity, 2);
    assert.equal(diagnostic.source, 'ism-lint');
    assert.equal(diagnostic.code, 'region-info-unknown-index');
    assert.equal(diagnostic.codeDescription?.href, 'file:///docs/region-info-unknown-index.md');
    assert.deepEqual(diagnostic.data, { rule: 'region-info-unknown-index', function: 'foo_region_info' });
    assert.ok((diagnostic.relatedInformation?.length ?? 0) >= 2);
    assert.ok(diagnostic.relatedInformation?.every(({ location }) => location.uri === uri));

    assert.deepEqual((await client.edit(uri, driver, refusal, delegation)).diagnostics, []);
    const right = driver.replace(refusal, delegation);
    assert.equal((await client.edit(uri, right, delegation, refusal)).diagnostics.length, 1);
  });

  it('finds the page of a rule by itself', async () => {
    await client.start();
    const { diagnostics } = await client.open(uriOf('main.c'), driver);
    assert.match(diagnostics[0]?.codeDescription?.href ?? '', /^file:.*\/region-info-unknown-index\.md$/);
  });

  it('understands a driver of two files, one of them only on disk, the other one changing', async () => {
    await client.start();
    const two = (name: string): string => readFileSync(path.join(fixtures, 'found/two-files', name), 'utf8');
    writeFileSync(path.join(folder, 'main.c'), two('main.c'));
    const regions = await client.open(uriOf('regions.c'), two('regions.c'));
    assert.equal(regions.diagnostics.length, 1);
    assert.equal(regions.diagnostics[0]?.relatedInformation?.[0]?.location.uri, uriOf('main.c'));
    // The open text counts, not the one on disk: without the table nobody names the handler.
    const again = client.next(uriOf('regions.c'));
    await client.open(uriOf('main.c'), '#include "foo.h"\n');
    assert.deepEqual((await again).diagnostics, []);
  });

  it('obeys the settings, and says once what it skips', async () => {
    client.settings = { enable: true, maxFileSizeKiB: 1 };
    await client.start();
    const uri = uriOf('main.c');
    const large = `${driver}/* ${'x'.repeat(2000)} */\n`;
    assert.deepEqual((await client.open(uri, large)).diagnostics, []);
    await client.edit(uri, large, 'xxx', 'yyy');
    assert.equal(client.log.filter((line) => line.includes('larger than 1 KiB')).length, 1);
    client.settings = null;
    const published = client.next(uri);
    await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: {} });
    assert.equal((await published).diagnostics.length, 1);
    client.settings = { enable: false };
    const cleared = client.next(uri);
    await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: {} });
    assert.deepEqual((await cleared).diagnostics, []);
  });

  it('takes odd documents: unsaved, empty, no C, NUL characters, and closes them', async () => {
    await client.start();
    for (const [uri, text] of [
      ['untitled:Untitled-1', driver],
      ['file:///%zz', 'vfio'],
      [uriOf('empty.c'), ''],
      [uriOf('nul.c'), 'vfio\0'],
      [uriOf('odd.c'), `vfio_device_ops = {${'{('.repeat(3000)}`],
    ] as const) {
      const { diagnostics } = await client.open(uri, text);
      assert.equal(diagnostics.length, uri.startsWith('untitled') ? 1 : 0, uri);
    }
    const closed = client.next('untitled:Untitled-1');
    await client.connection.sendNotification('textDocument/didClose', {
      textDocument: { uri: 'untitled:Untitled-1' },
    });
    assert.deepEqual((await closed).diagnostics, []);
  });
});
