/** The npm packages of the command-line programs. Everything they need is bundled, so that installing one needs no network. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setModes } from './modes';
import { copyHelper } from './placeHelper';

/** What is promised of each archive, in bytes. */
export const MOST_PACKAGE_BYTES = 3 * 1024 * 1024;

interface CommandLinePackage {
  readonly name: string;
  readonly description: string;
  /** The programs, by name. */
  readonly bin: Readonly<Record<string, string>>;
  /** Of dist/ of a production build: files, and folders that end with `/`. */
  readonly built: readonly string[];
  /** Files of the checkout, at the same place in the package. */
  readonly pages: readonly string[];
  /** Whether the helper for the hosts is part of it. */
  readonly helper: boolean;
}

/** The programs look for their other files where they are in dist/, so each package keeps that layout. */
export const COMMAND_LINE_PACKAGES: readonly CommandLinePackage[] = [
  {
    name: 'ism-lint',
    description: "Checks C source against the kernel's VFIO driver rules; with its language server",
    bin: { 'ism-lint': 'dist/server/ism-lint.js', 'ism-language-server': 'dist/server/server.js' },
    built: ['server/'],
    pages: [],
    helper: false,
  },
  {
    name: 'ism-run',
    description: 'Runs store scripts against ISM functions of IBM Z hosts, for continuous integration',
    bin: { 'ism-run': 'dist/client/ism-run.js' },
    built: ['client/common.js', 'client/ism-run.js'],
    pages: ['docs/reference/store-scripts.md'],
    helper: true,
  },
];

/** Makes a folder of what goes into a package. */
function stage(each: CommandLinePackage, root: string, built: string, helper: string, folder: string): void {
  const own = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license: string;
    readonly engines: { readonly node: string };
  };
  for (const name of each.built)
    cpSync(path.join(built, name), path.join(folder, 'dist', name), { recursive: true });
  if (each.helper) copyHelper(helper, path.join(folder, 'dist', 'helper'));
  for (const name of ['LICENSE', 'THIRD-PARTY-NOTICES.md', ...each.pages])
    cpSync(path.join(root, name), path.join(folder, name));
  copyFileSync(path.join(root, 'packaging', 'readme', `${each.name}.md`), path.join(folder, 'README.md'));
  const description = {
    name: each.name,
    version: own.version,
    description: each.description,
    license: own.license,
    bin: each.bin,
    engines: { node: own.engines.node },
  };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(description, undefined, 2)}\n`);
  setModes(folder, Object.values(each.bin));
}

/**
 * Builds the minified bundles in a folder of its own and packs them. The same tree gives the same bytes: npm writes all
 * files in order and with one date.
 *
 * @param root the checkout
 * @param helper the helper for s390x
 * @param into the folder for the archives
 * @returns the paths of the archives, NAME-VERSION.tgz
 * @throws Error when npm fails
 */
export function packCommandLine(root: string, helper: string, into: string): string[] {
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'ism-package-'));
  try {
    const built = path.join(temporary, 'dist');
    const build = [path.join(root, 'scripts', 'build.mjs'), '--production', '--out', built];
    execFileSync(process.execPath, build, { cwd: root, stdio: 'inherit' });
    mkdirSync(into, { recursive: true });
    return COMMAND_LINE_PACKAGES.map((each) => {
      const folder = path.join(temporary, each.name);
      stage(each, root, built, helper, folder);
      const options = ['--json', '--ignore-scripts', '--offline', '--pack-destination', path.resolve(into)];
      const said = execFileSync('npm', ['pack', ...options], { cwd: folder, encoding: 'utf8' });
      const [packed] = JSON.parse(said) as { readonly filename: string }[];
      if (packed === undefined) throw new Error(`npm pack made no archive of ${each.name}`);
      return path.join(into, packed.filename);
    });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
