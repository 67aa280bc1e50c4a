import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { LanguageServer } from '../test/support/languageServer';

const driver = readFileSync(
  path.resolve('server/rules/fixtures/region-info-unknown-index/found/default-return.c'),
  'utf8',
);
const right = driver.replace(
  'return -EINVAL;',
  'return vfio_pci_ioctl_get_region_info(core_vdev, info, caps);',
);

describe('the language server over a workspace', function () {
  this.timeout(20_000);
  let server: LanguageServer;
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  const uriOf = (name: string): string => pathToFileURL(at(name)).href;
  const put = (name: string, text: string): void => {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  };
  const rules = (name: string): unknown[] | undefined =>
    server.published.get(uriOf(name))?.diagnostics.map(({ code }) => code);
  const start = async (): Promise<void> => {
    const looked = server.looked();
    await server.start(undefined, folder);
    await looked;
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-workspace-'));
    server = new LanguageServer();
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows what is found in files that are not opened, and says what it does', async () => {
    put('drivers/vfio/a/main.c', driver);
    put('drivers/vfio/b/main.c', right);
    put('.git/main.c', driver);
    await start();
    assert.deepEqual(rules('drivers/vfio/a/main.c'), ['region-info-unknown-index']);
    assert.equal(rules('drivers/vfio/b/main.c'), undefined);
    assert.equal(rules('.git/main.c'), undefined);
    assert.equal(server.progress.at(0)?.kind, 'begin');
    assert.match(server.log.join('\n'), /Linted the workspace in [\d.]+ s: 2 folders with vfio files\./);
  });

  it('follows what changes on disk', async () => {
    put('a/main.c', driver);
    await start();
    put('a/main.c', `${right}\n`);
    let next = server.next(uriOf('a/main.c'));
    await server.changed(at('a/main.c'));
    assert.deepEqual((await next).diagnostics, []);
    put('b/new.c', driver);
    next = server.next(uriOf('b/new.c'));
    await server.changed(at('b/new.c'), 1);
    assert.equal((await next).diagnostics.length, 1);
    rmSync(at('b/new.c'));
    next = server.next(uriOf('b/new.c'));
    await server.changed(at('b/new.c'), 3);
    assert.deepEqual((await next).diagnostics, []);
  });

  it('keeps the findings of a document that is closed, as its file has them', async () => {
    put('a/main.c', driver);
    await start();
    const opened = await server.open(uriOf('a/main.c'), driver);
    assert.equal(opened.diagnostics.length, 1);
    const edited = await server.edit(uriOf('a/main.c'), driver, 'return -EINVAL;', 'return 0;');
    assert.equal(edited.diagnostics.length, 1);
    // First all is taken back, then the file is looked at as it is on disk.
    const cleared = server.next(uriOf('a/main.c'));
    const again = server.next(uriOf('a/main.c'));
    await server.connection.sendNotification('textDocument/didClose', {
      textDocument: { uri: uriOf('a/main.c') },
    });
    assert.deepEqual((await cleared).diagnostics, []);
    assert.equal((await again).diagnostics.length, 1);
  });

  it('leaves the workspace alone when the setting says so, and takes back what it showed', async () => {
    put('a/main.c', driver);
    await start();
    assert.deepEqual(rules('a/main.c'), ['region-info-unknown-index']);
    server.settings = { workspace: false };
    const next = server.next(uriOf('a/main.c'));
    await server.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
    assert.deepEqual((await next).diagnostics, []);
  });

  it('obeys a configuration file, shows its mistakes where they stand, and follows its changes', async () => {
    put('a/main.c', driver);
    put('.ism-lint.json', '{"rules": {"region-info-unknown-index": "error"}}');
    await start();
    assert.equal(server.published.get(uriOf('a/main.c'))?.diagnostics[0]?.severity, 1);
    const text = '{\n  "rules": {"region-info-unknown-index": "of"}\n}';
    const { diagnostics } = await server.open(uriOf('.ism-lint.json'), text);
    assert.deepEqual(
      diagnostics.map(({ message, range }) => [message, range.start]),
      [['A rule must be set to one of off, info, warning, error.', { line: 1, character: 41 }]],
    );
    put('.ism-lint.json', '{"exclude": ["a/"]}  ');
    const next = server.next(uriOf('a/main.c'));
    await server.changed(at('.ism-lint.json'));
    assert.deepEqual((await next).diagnostics, []);
  });

  it('takes the settings of the editor where no file sets anything, and says which make no sense', async () => {
    put('a/main.c', driver);
    server.settings = { rules: { 'region-info-unknown-index': 'info', nonsense: 'off' }, exclude: null };
    await start();
    assert.equal(server.published.get(uriOf('a/main.c'))?.diagnostics[0]?.severity, 3);
    assert.match(
      server.log.join('\n'),
      /A setting below ism\.lint is ignored\. There is no rule 'nonsense'\./,
    );
  });
});
