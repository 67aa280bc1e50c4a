/** Clients that know less than VS Code, or do otherwise, spoken to over standard input and output. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeAction } from 'vscode-languageserver/node';
import { LanguageServer } from '../test/support/languageServer';

const driver = readFileSync(
  path.resolve('server/rules/fixtures/region-info-unknown-index/found/default-return.c'),
  'utf8',
);
const rule = 'region-info-unknown-index';
const uri = 'untitled:main.c';
const minimal = { capabilities: {} };

describe('the language server with other clients', function () {
  this.timeout(20_000);
  let client: LanguageServer;
  let folder: string;
  beforeEach(() => {
    client = new LanguageServer();
    folder = mkdtempSync(path.join(tmpdir(), 'ism clients-'));
    writeFileSync(path.join(folder, 'main.c'), driver);
  });
  afterEach(async () => {
    await client.stop();
    rmSync(folder, { recursive: true });
  });

  const found = async (): Promise<unknown[]> =>
    (await client.open(uri, driver)).diagnostics.map(({ code }) => code);

  const ways: [string, () => object][] = [
    ['rootUri', () => ({ rootUri: pathToFileURL(folder).href })],
    ['rootPath', () => ({ rootPath: folder })],
    ['workspaceFolders', () => ({ workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'w' }] })],
  ];
  for (const [name, root] of ways)
    it(`looks through the folder of a client that can do nothing and sends ${name}`, async () => {
      const main = pathToFileURL(path.join(folder, 'main.c')).href;
      const published = client.next(main);
      await client.start({}, undefined, { ...minimal, ...root() });
      assert.deepEqual(
        (await published).diagnostics.map(({ code }) => code),
        [rule],
      );
    });

  for (const sent of [
    { enable: false },
    { ism: { lint: { enable: false } } },
    { 'ism.lint': { enable: false } },
    { 'ism.lint.enable': false },
  ])
    it(`takes settings that it did not ask for: ${JSON.stringify(sent)}`, async () => {
      await client.start(sent, undefined, minimal);
      assert.deepEqual(await found(), []);
      const on = JSON.parse(JSON.stringify(sent).replace('false', 'true')) as unknown;
      const again = client.next(uri);
      await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: on });
      assert.equal((await again).diagnostics.length, 1, 'what is sent later comes before what came first');
    });

  it('goes on when a client refuses what it said it could do', async () => {
    const refuse = (): never => {
      throw new Error('no');
    };
    for (const method of [
      'client/registerCapability',
      'window/workDoneProgress/create',
      'workspace/configuration',
    ])
      client.connection.onRequest(method, refuse);
    const published = client.next(pathToFileURL(path.join(folder, 'main.c')).href);
    await client.start({}, folder);
    assert.equal((await published).diagnostics.length, 1);
    assert.deepEqual(await found(), [rule]);
    assert.ok(client.log.some((line) => line.includes('did not send its settings')));
  });

  it('answers with fixes for the text as it is, and only of the kinds that are wanted', async () => {
    await client.start();
    await client.open(uri, driver);
    const start = { line: 0, character: 0 };
    const line = driver.split('\n').findIndex((each) => each.includes('default:')) + 2;
    const actions = (only?: string[]): Promise<CodeAction[]> =>
      client.connection.sendRequest('textDocument/codeAction', {
        textDocument: { uri },
        range: { start: { line, character: 0 }, end: { line, character: 0 } },
        context: { diagnostics: [], ...(only ? { only } : {}) },
      });
    await client.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ range: { start, end: start }, text: '\r\n\r\n' }],
    });
    const [fix] = await actions();
    const edits = fix?.edit?.changes?.[uri] ?? [];
    assert.ok(edits.length > 0);
    for (const { range } of edits) assert.ok(range.start.line >= line, 'two lines further down by now');
    assert.deepEqual(await actions(['source.organizeImports', 'refactor']), []);
    assert.equal((await actions(['quickfix'])).length, 2);
  });

  it('ends the line of a suppression as the file ends its lines', async () => {
    await client.start();
    await client.open(uri, driver.replaceAll('\n', '\r\n'));
    const line = driver.split('\n').findIndex((each) => each.includes('default:'));
    const actions = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: { line, character: 0 }, end: { line, character: 0 } },
      context: { diagnostics: [] },
    });
    assert.match(actions.at(-1)?.edit?.changes?.[uri]?.[0]?.newText ?? '', /^\t.*\*\/\r\n$/);
  });

  it('continues the macro into which a suppression is put', async () => {
    const file = 'server/rules/fixtures/zpci-return-ignored/found/statement-expression.c';
    const macro = readFileSync(path.resolve(file), 'utf8');
    await client.start();
    const { diagnostics } = await client.open(uri, macro);
    const range = diagnostics[0]?.range ?? assert.fail('nothing was found');
    const actions = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range,
      context: { diagnostics: [] },
    });
    const edit = actions.at(-1)?.edit?.changes?.[uri]?.[0] ?? assert.fail('there is no suppression');
    assert.match(edit.newText, /^\s+\/\* ism-lint-ignore .* \*\/ \\\n$/);
    const lines = macro.split('\n');
    lines.splice(edit.range.start.line, 0, edit.newText.replace(': ', ': read back later').trimEnd());
    const again = client.next(uri);
    await client.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: lines.join('\n') }],
    });
    assert.equal((await again).diagnostics.length, diagnostics.length - 1);
  });

  it('is not ended by what is no file, or has no form', async () => {
    await client.start();
    await client.open(uri, driver);
    for (const textDocument of [{}, { uri: 7 }, null]) {
      await client.connection.sendNotification('textDocument/didClose', { textDocument });
      await client.connection.sendNotification('textDocument/didSave', { textDocument });
    }
    const changes = [{}, { uri: 7, type: 1 }, { uri: 'vscode-vfs://nowhere/.ism-lint.json', type: 3 }];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    assert.deepEqual((await client.open('untitled:other.c', driver)).diagnostics.length, 1);
  });

  it('says how it is started when it is not told how to speak', () => {
    const server = (...args: string[]) =>
      spawnSync(process.execPath, [path.resolve('dist/server/server.js'), ...args], { encoding: 'utf8' });
    const [bare, help] = [server(), server('--help')];
    assert.deepEqual([bare.status, bare.stdout], [2, '']);
    assert.match(bare.stderr, /^ism-language-server: name a transport, .* --help lists the options\.\n$/);
    assert.equal(help.status, 0);
    assert.match(help.stdout, /--stdio/);
  });
});

describe('the language server after a header that is none', function () {
  this.timeout(20_000);
  const forms = [
    'Content-Length: abc\r\n\r\n{}',
    'X-Foo: 1\r\n\r\n{"jsonrpc":"2.0"}',
    'Content-Length: -5\r\n\r\n',
    'Content-Length: 5\r\n\r\n{"jsonrpc":"2.0","method":"x"}Content-Length: 2\r\n\r\n{}',
    'hello\r\n\r\n',
  ];
  for (const text of forms)
    it(`ends with a message: ${JSON.stringify(text)}`, async () => {
      const server = spawn(process.execPath, [path.resolve('dist/server/server.js'), '--stdio'], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let said = '';
      server.stderr.setEncoding('utf8').on('data', (more: string) => (said += more));
      // Its input stays open: a server that waits for the end of it would never leave.
      server.stdin.on('error', () => undefined).write(text);
      const [code] = (await once(server, 'close')) as [number];
      assert.equal(code, 1);
      assert.match(said, /^ism-language-server: [^\n]+ The server ends; restart it in the editor\.\n$/);
    });
});
