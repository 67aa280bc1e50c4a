import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Configurations } from '../../../server/configuration/find';
import { lint } from '../../../server/commandLine/lintFiles';
import { accounts, fileBudget } from '../../../server/syntax/budget';
import { LanguageServer } from '../../support/languageServer';
import { peakOf, spawnMeasured } from './measured';
import { hostileTree, type HostileTree } from './tree';

const rule = 'region-info-unknown-index';
const good = readFileSync(path.resolve(`server/rules/fixtures/${rule}/found/default-return.c`), 'utf8');

/** The most memory that a process may have used, in KiB. */
const mostMemory = 300 * 1024;

describe('a folder of hostile files', function () {
  this.timeout(600_000);
  let root: string;
  let tree: HostileTree;
  before(async () => {
    root = mkdtempSync(path.join(tmpdir(), 'ism-hostile-'));
    tree = await hostileTree(root, good);
    console.log(`      ${tree.hostile} hostile things beside ${tree.good.length} good files`);
    for (const each of tree.left) console.log(`      left out: ${each}`);
    assert.ok(tree.hostile >= 200, `${tree.hostile} things`);
  });
  after(async () => {
    await tree.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('takes no finding of a good file from ism-lint, nor its memory', async () => {
    const { code, out, err, memory } = await spawnMeasured(['--format', 'json', '--no-config', root]);
    assert.equal(code, 1, err);
    const { findings, skipped } = JSON.parse(out) as {
      findings: { file: string; rule: string }[];
      skipped: { file: string; reason: string }[];
    };
    const found = new Set(findings.filter((each) => each.rule === rule).map(({ file }) => file));
    assert.deepEqual(
      tree.good.filter((file) => !found.has(file)),
      [],
    );
    for (const { reason } of skipped) assert.match(reason, /^[A-Z][^\n]*\.$/);
    console.log(`      ism-lint: ${skipped.length} skipped, ${Math.round(memory / 1024)} MiB`);
    if (memory > 0) assert.ok(memory <= mostMemory, `${memory} KiB`);
  });

  it('has no file that is worked on for longer than its budget and what is under way then', async () => {
    const { skipped } = await lint(
      [path.join(root, 'driver')],
      path.resolve('dist/server'),
      new Configurations({}, null),
    );
    const [slowest] = [...accounts()].sort(([, a], [, b]) => b - a);
    assert.ok(slowest);
    const [file, took] = slowest;
    console.log(`      the slowest file, ${path.basename(file)}, took ${(took / 1000).toFixed(2)} s`);
    for (const [each, time] of accounts())
      if (time > 2 * fileBudget)
        assert.ok(
          skipped.some((left) => left.file === each),
          `${each} is left out`,
        );
  });

  it('is refused by ism-lint where a configuration is wrong, with a line for each', async () => {
    const { code, err, memory } = await spawnMeasured([root]);
    assert.equal(code, 2);
    for (const name of ['deep', 'huge', 'pagemap', 'zero', 'loop', 'pipe', 'folder', 'broken'])
      assert.match(err, new RegExp(`configuration-${name}/\\.ism-lint\\.json:\\d+:\\d+: error: `));
    if (memory > 0) assert.ok(memory <= mostMemory, `${memory} KiB`);
  });

  it('takes no finding of a good file from the language server, which answers meanwhile', async () => {
    const server = new LanguageServer();
    try {
      const [first = ''] = tree.good;
      const looked = server.looked();
      await server.start({}, root);
      const opened = await server.open(pathToFileURL(first).href, good);
      assert.equal(opened.diagnostics.length, 1, server.log.join('\n'));
      let answered = 0;
      let done = false;
      const finished = looked.then(() => (done = true));
      while (!done) {
        await server.connection.sendRequest('textDocument/hover', {
          textDocument: { uri: pathToFileURL(first).href },
          position: { line: 0, character: 0 },
        });
        answered++;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await finished;
      const missing = tree.good.filter(
        (file) =>
          !server.published.get(pathToFileURL(file).href)?.diagnostics.some(({ code }) => code === rule),
      );
      assert.deepEqual(missing, []);
      const memory = peakOf(server.pid);
      console.log(
        `      the server: ${answered} hovers answered meanwhile, ${Math.round(memory / 1024)} MiB`,
      );
      assert.ok(answered > 1);
      if (memory > 0) assert.ok(memory <= mostMemory, `${memory} KiB`);
      assert.ok(server.log.some((line) => /self\.c is not linted\. .*form a loop/.test(line)));
    } finally {
      await server.stop();
    }
  });
});
