/** Clients that know less than VS Code, or do otherwise, spoken to over standard input and output. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeAction } from 'vscode-languageserver/node';
import { LanguageServer } from '../test/harness/languageServer';

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
    assert.ok(client.log.some((line) => line.includes('did not tell its settings')));
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
});
