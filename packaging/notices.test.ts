import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAllowed, npmComponent, packageFolder, shippedComponents, type Component } from './components';
import { billOfMaterials, notices } from './notices';

const root = process.cwd();

describe('the third-party notices', function () {
  this.timeout(60_000);
  let components: Component[];
  before(() => {
    components = shippedComponents(root);
  });

  it('are current (UPDATE_REFERENCE=1 writes them)', () => {
    const file = path.join(root, 'THIRD-PARTY-NOTICES.md');
    if (process.env['UPDATE_REFERENCE']) writeFileSync(file, notices(components));
    assert.equal(readFileSync(file, 'utf8'), notices(components));
  });

  it('name every dependency, and each with its licence', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    for (const [name, version] of Object.entries(dependencies))
      assert.ok(
        components.some((each) => each.name === name && each.version === version),
        name,
      );
    const page = notices(components);
    for (const { name, text } of components) {
      assert.ok(page.includes(`\n## ${name}`), name);
      assert.ok(page.includes(text.replaceAll('\r\n', '\n')), name);
    }
  });

  it('name what a dependency brings along', () => {
    for (const name of ['asn1', 'tweetnacl', 'vscode-jsonrpc', 'minimatch', 'glibc', 'libgcc'])
      assert.ok(
        components.some((each) => each.name === name),
        name,
      );
  });

  it('say which product has what', () => {
    const inProduct = (product: string) =>
      components.filter(({ products }) => products.includes(product)).map(({ name }) => name);
    assert.ok(inProduct('ism-lint').includes('tree-sitter-c'));
    assert.ok(!inProduct('ism-lint').includes('ssh2'));
    assert.ok(!inProduct('ism-lint').includes('glibc'));
    assert.ok(inProduct('ism-run').includes('ssh2'));
    assert.ok(inProduct('ism-run').includes('glibc'));
  });

  it('are a bill of materials as well, with the same components', () => {
    const bom = JSON.parse(
      billOfMaterials({ name: 'x', version: '1.0.0', license: 'MIT' }, components, { glibc: '2.36-8' }),
    ) as {
      readonly components: readonly {
        readonly name: string;
        readonly version?: string;
        readonly purl: string;
      }[];
    };
    assert.deepEqual(
      bom.components.map(({ name }) => name),
      components.map(({ name }) => name),
    );
    assert.equal(new Set(bom.components.map(({ purl }) => purl)).size, components.length);
    assert.equal(bom.components.find(({ name }) => name === 'glibc')?.version, '2.36-8');
  });
});

describe('a bundled npm package', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-licence-'));
    mkdirSync(path.join(folder, 'p'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (description: object, licence?: string): void => {
    const own = { name: 'p', version: '1.2.3', ...description };
    writeFileSync(path.join(folder, 'p', 'package.json'), JSON.stringify(own));
    if (licence !== undefined) writeFileSync(path.join(folder, 'p', 'LICENSE'), licence);
  };
  const read = (): Component => npmComponent(folder, 'p', []);

  it('brings its licence', () => {
    write({ license: 'MIT' }, 'the text\n');
    assert.deepEqual([read().licence, read().text], ['MIT', 'the text']);
    write({ licenses: [{ type: 'ISC' }] }, 'the text\n');
    assert.equal(read().licence, 'ISC');
  });

  for (const license of [
    'GPL-2.0-only',
    'MIT AND GPL-2.0-only',
    'LGPL-3.0-or-later',
    'UNLICENSED',
    undefined,
  ])
    it(`is refused with the licence ${license}`, () => {
      write({ license }, 'the text');
      assert.throws(read, /^Error: p 1\.2\.3 is bundled and its licence is .*Allowed are .*MIT/);
    });

  it('is refused without the text of its licence', () => {
    write({ license: 'MIT' });
    assert.throws(read, /p 1\.2\.3 .* does not bring the text/);
  });

  it('may leave a choice', () => {
    assert.ok(isAllowed('(MIT OR GPL-3.0-or-later)'));
    assert.ok(!isAllowed('(AGPL-3.0-only OR GPL-3.0-or-later)'));
  });

  it('is found in a path, also when it is nested or has a scope', () => {
    assert.equal(packageFolder('node_modules/a/lib/b.js'), 'node_modules/a');
    assert.equal(packageFolder('node_modules/a/node_modules/@s/b/c.js'), 'node_modules/a/node_modules/@s/b');
    assert.throws(() => packageFolder('client/extension.ts'), /in no npm package/);
  });
});
