// Bundles every program of the repository with esbuild (one CommonJS file a program) and copies the WASM files beside
// those that parse C. Run by scripts/run.mjs, by `npm install` of a checkout and by vsce.
import * as esbuild from 'esbuild';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...p) => path.join(root, ...p);

/**
 * In the client a dynamic `import('./x/y')` names a bundle of its own, dist/client/y.js, so that activation loads
 * neither ssh2 nor the language client before they are needed.
 */
const lazyBundles = {
  name: 'lazy-bundles',
  setup(build) {
    build.onResolve({ filter: /^\./ }, (args) =>
      args.kind === 'dynamic-import'
        ? { path: `./${path.basename(args.path)}.js`, external: true }
        : undefined,
    );
  },
};

/**
 * The modules of client/common.ts, wherever the client imports them from: one instance for all bundles, which a bundle asks for once.
 */
const commonBundle = {
  name: 'common-bundle',
  setup(build) {
    const shared = ['cancelled.ts', 'helperErrors.ts', 'userError.ts'].map((name) =>
      at('client', 'base', name),
    );
    build.onResolve({ filter: /^\./ }, ({ importer, path: name }) =>
      importer !== at('client', 'common.ts') &&
      shared.includes(path.resolve(path.dirname(importer), `${name}.ts`))
        ? { path: 'common', namespace: 'common' }
        : undefined,
    );
    build.onResolve({ filter: /.*/, namespace: 'common' }, () => ({ path: './common.js', external: true }));
    build.onLoad({ filter: /.*/, namespace: 'common' }, () => ({ contents: "export * from './common.js';" }));
  },
};

/**
 * Of `import * as vscode` esbuild makes a copy of all of the API's hundreds of names, in every module anew: that was a third of what
 * loading the extension cost. A default export is taken as it is.
 */
const vscodeOnce = {
  name: 'vscode-once',
  setup(build) {
    build.onLoad({ filter: /[\\/]client[\\/].*\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replace(
        "import * as vscode from 'vscode'",
        "import vscode from 'vscode'",
      ),
      loader: 'ts',
    }));
    build.onResolve({ filter: /^vscode$/ }, ({ kind, namespace }) =>
      kind === 'import-statement' && namespace === 'file' ? { path: 'vscode', namespace: 'api' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'api' }, () => ({
      contents: "export default require('vscode')",
    }));
  },
};

/** ssh2's optional native parts are left out: it works in plain JavaScript, and the VSIX stays one for all platforms. */
const withoutNativeSsh = {
  external: ['cpu-features'],
  loader: { '.node': 'empty' },
};

/** jsonc-parser's CommonJS file finds its parts at run time only, which no bundle has: take its ES module. */
const jsoncAlias = { 'jsonc-parser': at('node_modules', 'jsonc-parser', 'lib', 'esm', 'main.js') };

/** web-tree-sitter's ES module asks for import.meta.url, which a CommonJS bundle does not have: take its .cjs file. */
const treeSitterAlias = { 'web-tree-sitter': at('node_modules', 'web-tree-sitter', 'web-tree-sitter.cjs') };

/** The runtime of the grammar is a bundle of its own, because the server and ism-lint both need it and the VSIX has to stay small. */
const sharedTreeSitter = {
  name: 'shared-tree-sitter',
  setup(build) {
    build.onResolve({ filter: /^web-tree-sitter$/ }, () => ({
      path: './web-tree-sitter.js',
      external: true,
    }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
  alias: { ...treeSitterAlias, ...jsoncAlias },
  ...withoutNativeSsh,
};

/** Every *.test.ts, and every *.child.ts that a test starts as a process, keyed by its path, so that names never collide. */
function tests(...folders) {
  const found = {};
  for (const folder of folders.filter((name) => existsSync(at(name))))
    for (const file of readdirSync(at(folder), { recursive: true, encoding: 'utf8' }))
      if (/\.(test|child)\.ts$/.test(file))
        found[path.join(folder, file.slice(0, -3))] = path.join(folder, file);
  return found;
}

/** The programs of developers and the tests; none of it is shipped. */
function toolBundles() {
  const tools = {
    ...common,
    sourcemap: 'linked',
    packages: 'external',
    external: [...common.external, 'vscode'],
  };
  return [
    {
      ...tools,
      entryPoints: {
        lab: 'lab/cli.ts',
        'lab-device': 'lab/device/main.ts',
        demo: 'scripts/demo.ts',
        test: 'test/run.ts',
        package: 'packaging/package.ts',
        bench: 'test/bench/run.ts',
        fuzz: 'test/fuzz/run.ts',
        'try-debug': 'test/tryDebug.ts',
        'mocha-process': 'test/support/mochaProcess.ts',
        'extension-host-suite': 'test/extensionHost/suite.ts',
        'extension-host-bench': 'test/bench/explorerSuite.ts',
        'vscode-host': 'test/extensionHost/vscodeHost.ts',
      },
      outdir: 'dist/tools',
    },
    {
      ...tools,
      entryPoints: tests(
        ...[
          'client',
          'helper',
          'server',
          'lab',
          'protocol',
          'storescript',
          'setup',
          'scripts',
          'packaging',
          'test',
        ],
      ),
      outdir: 'dist/test',
    },
  ];
}

/**
 * What is shipped: the extension, the language server and the command-line programs.
 * @param out the folder that gets client/ and server/
 */
function shippedBundles(production, out) {
  const shipped = { ...common, minify: production, sourcemap: production ? false : 'linked' };
  return [
    {
      ...shipped,
      entryPoints: {
        extension: 'client/extension.ts',
        remote: 'client/helper/remote.ts',
        languageClient: 'client/language/languageClient.ts',
        common: 'client/common.ts',
        scriptRunner: 'client/storeScripts/scriptRunner.ts',
        burstCommands: 'client/bursts/burstCommands.ts',
        palette: 'client/commands/palette.ts',
        dmbCommands: 'client/commands/dmbCommands.ts',
        trialRunner: 'client/driver/trialRunner.ts',
        'ism-run': 'client/run/ism-run.ts',
      },
      outdir: path.join(out, 'client'),
      external: [...common.external, 'vscode'],
      plugins: [lazyBundles, commonBundle, vscodeOnce],
    },
    {
      ...shipped,
      entryPoints: {
        server: 'server/start/server.ts',
        'server.program': 'server/server.ts',
        'ism-lint': 'server/start/ism-lint.ts',
        'ism-lint.program': 'server/ism-lint.ts',
      },
      outdir: path.join(out, 'server'),
      alias: jsoncAlias,
      plugins: [sharedTreeSitter],
    },
    {
      ...shipped,
      entryPoints: { 'web-tree-sitter': treeSitterAlias['web-tree-sitter'] },
      outdir: path.join(out, 'server'),
    },
  ];
}

/** Files of npm packages that are shipped as they are: a parser's runtime and its grammar. */
const COPIED_OF_PACKAGES = [
  'node_modules/web-tree-sitter/web-tree-sitter.wasm',
  'node_modules/tree-sitter-c/tree-sitter-c.wasm',
];

/** Files that are shipped as they are: the rules' pages, to which a finding's code links, the schema, the grammar. */
function copyFiles(out) {
  const rules = path.join(out, 'server', 'rules');
  mkdirSync(rules, { recursive: true });
  for (const name of readdirSync(at('server', 'rules')))
    if (name.endsWith('.md')) copyFileSync(at('server', 'rules', name), path.join(rules, name));
  for (const file of [
    at('server', 'configuration', 'ism-lint.schema.json'),
    ...COPIED_OF_PACKAGES.map((name) => at(name)),
  ])
    copyFileSync(file, path.join(out, 'server', path.basename(file)));
}

/**
 * Builds everything into dist/.
 * @param {{production?: boolean, out?: string}} options production builds what is shipped alone, minified; out is another folder for that
 */
export async function build({ production = process.argv.includes('--production'), out = at('dist') } = {}) {
  if (!production) rmSync(at('dist', 'test'), { recursive: true, force: true });
  const bundles = [...(production ? [] : toolBundles()), ...shippedBundles(production, out)];
  await Promise.all(bundles.map((options) => esbuild.build(options)));
  copyFiles(out);
  // test-electron spawns this file as if it were VS Code's executable.
  if (!production) chmodSync(at('dist', 'tools', 'vscode-host.js'), 0o755);
}

/**
 * The files of node_modules that got into each shipped bundle, by the bundle's path below dist/, and those that are copied. Nothing is written.
 * A file of which tree shaking left nothing is not among them.
 */
async function bundledFiles() {
  const out = at('dist');
  const bundles = shippedBundles(true, out).map((options) => ({ ...options, metafile: true, write: false }));
  const files = {};
  for (const { metafile } of await Promise.all(bundles.map((options) => esbuild.build(options))))
    for (const [output, { inputs }] of Object.entries(metafile.outputs))
      files[path.relative(out, at(output))] = Object.keys(inputs)
        .filter((name) => name.includes('node_modules/') && inputs[name].bytesInOutput > 0)
        .sort();
  for (const name of COPIED_OF_PACKAGES) files[`server/${path.posix.basename(name)}`] = [name];
  return files;
}

/** Builds, and again after each change of a source file, until Ctrl+C. A new file is seen at the next start. */
export async function watch() {
  await build();
  for (const options of [...toolBundles(), ...shippedBundles(false, at('dist'))])
    await (await esbuild.context({ ...options, logLevel: 'info' })).watch();
  console.log('watching; Ctrl+C ends it');
}

async function main(args) {
  if (args.includes('--watch')) return watch();
  if (args.includes('--bundled-files')) return console.log(JSON.stringify(await bundledFiles()));
  const out = args.indexOf('--out');
  return build(out < 0 ? {} : { out: path.resolve(args[out + 1]) });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
