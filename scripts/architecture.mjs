/**
 * Who may import whom: the architecture of docs/contributing/architecture.md as one table, and the ESLint rule that holds every file to it.
 *
 * The rule has no options: it looks up the folder of the file it reads, so no block of eslint.config.mjs can weaken it for some files.
 * scripts/architecture.test.ts plants one offending import for each forbidden pair, and checks that the table has no cycle.
 */
import path from 'node:path';

/** A product folder: the folders and the npm packages that its files may import. Type imports count like others. */
const allow = (folders = '', packages = '') => ({
  folders: folders.split(' ').filter(Boolean),
  packages: packages.split(' ').filter(Boolean),
});

/** @type {Readonly<Record<string, {folders: string[], packages: string[]}>>} */
export const ARCHITECTURE = {
  // Shared by all parts: the messages between them, and what is known of ISM's commands.
  protocol: allow('', 'valibot'),

  // The language of store scripts: neither VS Code nor a host.
  'storescript/values': allow('protocol'),
  storescript: allow('protocol storescript/values'),

  // Set-up of downloads and build tools; knows nothing of the product.
  setup: allow(),
  helper: allow('protocol setup', 'valibot'),

  // The simulated host.
  'lab/base': allow(),
  'lab/device/stores': allow(),
  'lab/device/lan': allow(),
  'lab/device/vfioUser': allow(),
  'lab/device/ism': allow('lab/device/stores lab/device/vfioUser'),
  'lab/device': allow('lab/device/ism lab/device/lan lab/device/stores lab/device/vfioUser'),
  'lab/kernel': allow('lab/base setup'),
  'lab/guest': allow('lab/base lab/kernel setup'),
  'lab/machine': allow('lab/base lab/device lab/device/stores lab/guest lab/kernel protocol setup', 'ssh2'),
  'lab/control': allow('lab/base lab/device lab/device/ism lab/device/stores lab/machine protocol setup'),
  lab: allow('lab/base lab/control lab/kernel lab/machine setup'),

  // The extension. Up to client/hosts it could run without VS Code, apart from the sinks and the host list.
  'client/base': allow('protocol'),
  'client/words': allow('client/base protocol'),
  'client/sinks': allow('client/base protocol', 'vscode'),
  'client/ssh': allow('client/base protocol', 'ssh2 ssh-config'),
  'client/helper': allow('client/base client/ssh protocol', 'ssh2 valibot'),
  'client/hosts': allow('client/base client/helper client/sinks client/ssh protocol', 'vscode valibot'),
  'client/language': allow('client/sinks protocol', 'vscode vscode-languageclient'),
  'client/journal': allow('client/base client/sinks client/words protocol', 'vscode valibot'),
  'client/audit': allow('client/base client/hosts client/sinks client/words protocol', 'vscode'),
  'client/stores': allow(
    'client/base client/hosts client/journal client/sinks client/words protocol storescript/values',
    'vscode valibot',
  ),
  'client/dmb': allow(
    'client/base client/hosts client/journal client/sinks client/stores protocol storescript/values',
    'vscode',
  ),
  'client/choose': allow('client/base client/dmb client/hosts client/sinks client/words protocol', 'vscode'),
  'client/explorer': allow(
    'client/base client/choose client/dmb client/helper client/hosts client/sinks client/words protocol',
    'vscode',
  ),
  'client/bursts': allow(
    'client/base client/choose client/helper client/hosts client/journal client/sinks client/stores client/words protocol storescript/values',
    'vscode',
  ),
  'client/storeScripts': allow(
    'client/base client/choose client/helper client/hosts client/journal client/sinks client/stores protocol storescript',
    'vscode',
  ),
  'client/driver': allow(
    'client/audit client/base client/choose client/hosts client/journal client/sinks client/storeScripts client/stores client/words protocol storescript',
    'vscode valibot',
  ),
  'client/commands': allow(
    'client/audit client/base client/choose client/dmb client/explorer client/helper client/hosts client/journal client/sinks client/ssh client/stores client/words protocol storescript/values',
    'vscode',
  ),
  'client/run': allow(
    'client/base client/helper client/journal client/sinks client/ssh client/storeScripts protocol storescript',
  ),
  client: allow(
    'client/audit client/base client/bursts client/choose client/commands client/dmb client/driver client/explorer client/hosts client/journal client/language client/sinks client/storeScripts client/stores protocol',
    'vscode',
  ),

  // The language server and ism-lint: text -> model -> rules -> findings -> editor or report. Rules know nothing of LSP.
  'server/model/kernel': allow(),
  'server/syntax/lexer': allow(),
  'server/syntax/rewrite': allow('server/syntax/lexer'),
  'server/syntax': allow('server/syntax/lexer server/syntax/rewrite', 'web-tree-sitter'),
  'server/model/c': allow('server/model/kernel server/syntax server/syntax/lexer'),
  'server/model/execute': allow('server/model/c server/model/kernel server/syntax/lexer'),
  'server/model': allow(
    'server/model/c server/model/execute server/model/kernel server/syntax server/syntax/lexer',
  ),
  'server/rules': allow(
    'server/model server/model/c server/model/execute server/model/kernel server/syntax/lexer',
  ),
  'server/sources': allow('protocol server/syntax'),
  'server/configuration': allow(
    'protocol server/rules server/sources server/syntax/lexer storescript',
    '@valibot/to-json-schema jsonc-parser valibot',
  ),
  'server/lint': allow(
    'protocol server/configuration server/model server/rules server/syntax server/syntax/lexer storescript',
  ),
  'server/report': allow('protocol server/rules server/syntax'),
  'server/patch': allow(
    'protocol server/configuration server/lint server/model server/model/c server/report server/rules server/sources server/syntax server/syntax/lexer',
  ),
  'server/commandLine': allow(
    'protocol server/configuration server/lint server/model server/patch server/report server/rules server/sources server/syntax',
  ),
  'server/script': allow(
    'protocol storescript storescript/values',
    'vscode-languageserver vscode-languageserver-textdocument',
  ),
  'server/editor': allow(
    'protocol server/configuration server/lint server/model server/rules server/script server/sources server/syntax',
    'vscode-languageserver vscode-languageserver-textdocument',
  ),
  'server/start': allow('', 'vscode-languageserver'),
  server: allow(
    'protocol server/commandLine server/configuration server/editor server/script server/start server/syntax',
    'vscode-languageserver vscode-languageserver-textdocument',
  ),
  'server/rules/testing': allow('server/lint server/model server/rules server/syntax'),

  // A real workbench, started and driven: the demo and the tests stand on it.
  packaging: allow('helper setup', '@vscode/vsce'),
  workbench: allow('lab/machine packaging setup', 'playwright-core'),
  'workbench/jobs': allow('client/journal lab/machine setup workbench', 'playwright-core'),
  'workbench/pictures': allow('lab/machine setup workbench workbench/jobs', 'playwright-core'),
  scripts: allow('setup workbench workbench/jobs workbench/pictures', 'esbuild'),
};

/** What tests and their helpers may import besides their own part of the project: `*.test.ts`, `*.child.ts` and test/. */
const TESTS_MAY = {
  protocol: ['lab'],
  storescript: ['protocol'],
  setup: [],
  helper: ['protocol', 'setup', 'test/support'],
  lab: ['protocol', 'setup', 'test/support'],
  client: ['protocol', 'setup', 'storescript', 'test/support'],
  server: ['protocol', 'setup', 'storescript', 'test/support'],
  packaging: ['helper', 'setup', 'test/support'],
  workbench: ['setup', 'test/support'],
  scripts: ['setup', 'test/support'],
  // Tests of several parts together.
  test: Object.keys(ARCHITECTURE),
};

/** The configuration files of the tools stand there. */
const ROOT_FOLDER = '.';

/** Tests, the programs that they start, and what helps them: test/, and a folder test/ within a part. */
export const isTest = (file) => /\.(test|child)\.ts$|(^|\/)test\//.test(file);

/** Why a file may not import a module; undefined when it may. Paths are relative to the project, with `/`. */
export function whyForbidden(file, specifier) {
  if (specifier.startsWith('node:')) return undefined;
  const folder = path.posix.dirname(file);
  const top = folder.split('/')[0];
  const target = specifier.startsWith('.')
    ? path.posix.dirname(path.posix.join(folder, specifier))
    : undefined;
  if (folder === ROOT_FOLDER) return undefined;
  if (isTest(file)) {
    const may = [top, ...(TESTS_MAY[top] ?? [])];
    return target === undefined || may.some((one) => target === one || target.startsWith(`${one}/`))
      ? undefined
      : `A test in ${top}/ must not import from ${target}/.`;
  }
  const row = ARCHITECTURE[folder];
  if (!row) return `${folder}/ is no folder of the architecture yet; add it to scripts/architecture.mjs.`;
  if (target === undefined)
    return row.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`))
      ? undefined
      : `${folder}/ must not import the package ${specifier}.`;
  return target === folder || row.folders.includes(target)
    ? undefined
    : `${folder}/ must not import from ${target}/.`;
}

/** The rule `architecture/imports`. */
export const architecturePlugin = {
  rules: {
    imports: {
      meta: { type: 'problem', schema: [], docs: { description: 'Imports follow the architecture' } },
      create(context) {
        const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
        const check = (node) => {
          if (typeof node?.value !== 'string') return;
          const why = whyForbidden(file, node.value);
          if (why)
            context.report({
              node,
              message: `${why} The table of who may import whom: scripts/architecture.mjs.`,
            });
        };
        return {
          ImportDeclaration: ({ source }) => check(source),
          ExportNamedDeclaration: ({ source }) => check(source),
          ExportAllDeclaration: ({ source }) => check(source),
          ImportExpression: ({ source }) => check(source),
          TSImportType: ({ source, argument }) => check(source ?? argument?.literal),
          TSExternalModuleReference: ({ expression }) => check(expression),
          'CallExpression[callee.name="require"]': ({ arguments: [name] }) => check(name),
        };
      },
    },
  },
};
