/** The architecture holds: every forbidden import is refused, and neither files nor folders import in a circle. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript';
import tseslint from 'typescript-eslint';
import { ARCHITECTURE, architecturePlugin, isTest } from './architecture.mjs';

const RULE = 'architecture/imports';
const folders = Object.keys(ARCHITECTURE);

/** Lints a text as if it stood in that file, with the rule of eslint.config.mjs alone. */
async function refused(eslint: ESLint, file: string, text: string): Promise<number[]> {
  const [result] = await eslint.lintText(text, { filePath: path.resolve(file) });
  return (result?.messages ?? []).map(({ ruleId, line, message }) => {
    assert.equal(ruleId, RULE, message);
    return line;
  });
}

const alone = (): ESLint =>
  new ESLint({
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.ts', '**/*.mjs'],
        languageOptions: { parser: tseslint.parser },
        plugins: { architecture: architecturePlugin },
        rules: { [RULE]: 'error' },
      },
    ],
  });

const sourceFiles = (): string[] =>
  [
    'client',
    'helper',
    'lab',
    'packaging',
    'protocol',
    'scripts',
    'server',
    'setup',
    'storescript',
    'test',
    'workbench',
  ]
    .flatMap((top) =>
      readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => path.posix.join(top, name)),
    )
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.includes('/fixtures/'));

/** The strongly connected parts of a graph with more than one node. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): number => {
    const number = order.size;
    order.set(node, number);
    let lowest = number;
    stack.push(node);
    for (const next of graph.get(node) ?? [])
      if (!order.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, order.get(next) ?? lowest);
    if (lowest === number) {
      const part = stack.splice(stack.indexOf(node));
      if (part.length > 1) found.push(part);
    }
    return lowest;
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
}

describe('architecture', () => {
  it('the rule is on for every source file', async () => {
    const eslint = new ESLint();
    for (const folder of [...folders, 'test', 'test/support', 'test/integration']) {
      const config = (await eslint.calculateConfigForFile(path.resolve(folder, 'planted.ts'))) as {
        rules: Record<string, [number]>;
      };
      assert.equal(config.rules[RULE]?.[0], 2, folder);
    }
  });

  it('one planted import is refused for each forbidden pair of folders, and no allowed one', async () => {
    const eslint = alone();
    let pairs = 0;
    for (const folder of folders) {
      const row = ARCHITECTURE[folder] ?? assert.fail();
      const targets = [...folders, 'test/support'].filter((other) => other !== folder);
      const lines = targets.map((other) => `import '${path.posix.relative(folder, other)}/planted';`);
      const text = lines.map((line) => line.replace("'", line.includes("'.") ? "'" : "'./")).join('\n');
      const expected = targets.flatMap((other, at) => (row.folders.includes(other) ? [] : [at + 1]));
      assert.deepEqual(await refused(eslint, `${folder}/planted.ts`, text), expected, folder);
      pairs += expected.length;
    }
    assert.ok(pairs > 1000, `only ${pairs} pairs`);
  });

  it('every way to import is seen', async () => {
    const ways = [
      "import type { A } from '../client/log';",
      "type A = import('../client/log').A;",
      "import a = require('../client/log');",
      "export * from '../client/log';",
      "export { a } from '../client/log';",
      "const a = import('../client/log');",
      "const a = require('../client/log');",
    ];
    for (const way of ways) assert.deepEqual(await refused(alone(), 'protocol/planted.ts', way), [1], way);
  });

  it('packages are part of the table', async () => {
    const text = "import 'vscode';\nimport 'ssh2';\nimport 'node:fs';\nimport 'valibot';";
    assert.deepEqual(await refused(alone(), 'server/rules/planted.ts', text), [1, 2, 4]);
    assert.deepEqual(await refused(alone(), 'client/helper/planted.ts', text), [1]);
  });

  it('a test keeps to its part of the project', async () => {
    const text =
      "import '../client/base/userError';\nimport '../protocol/helper';\nimport '../server/lint/run';";
    assert.deepEqual(await refused(alone(), 'storescript/planted.test.ts', text), [1, 3]);
  });

  it('every folder with source files is in the table, and every folder of the table exists', () => {
    const used = new Set(
      sourceFiles()
        .filter((file) => !isTest(file))
        .map((file) => path.posix.dirname(file)),
    );
    assert.deepEqual(
      [...used].filter((folder) => !ARCHITECTURE[folder]),
      [],
    );
    assert.deepEqual(
      folders.filter((folder) => !existsSync(folder)),
      [],
    );
  });

  it('no folder imports itself through others', () => {
    assert.deepEqual(cycles(new Map(folders.map((name) => [name, ARCHITECTURE[name]?.folders ?? []]))), []);
  });

  it('no file imports itself through others', () => {
    const files = sourceFiles();
    const known = new Set(files);
    const graph = new Map<string, string[]>();
    for (const file of files) {
      const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
      const targets = importedFiles
        .filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => path.posix.join(path.posix.dirname(file), fileName))
        .map((target) => (known.has(target) ? target : `${target}.ts`));
      graph.set(file, targets);
    }
    assert.deepEqual(cycles(graph), []);
  });
}).timeout(60_000);
