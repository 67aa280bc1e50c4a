import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { LanguageServer } from '../test/support/languageServer';

const fixtures = path.resolve('server/rules/fixtures/region-info-unknown-index');
const driver = readFileSync(path.join(fixtures, 'found/default-return.c'), 'utf8');
const refusal = 'return -EINVAL;';
const delegation = 'return vfio_pci_ioctl_get_region_info(core_vdev, info, caps);';

describe('the language server over stdio', function () {
  this.timeout(20_000);
  let client: LanguageServer;
  let folder: string;
  const uriOf = (name: string): string => pathToFileURL(path.join(folder, name)).href;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-server-'));
    client = new LanguageServer();
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
