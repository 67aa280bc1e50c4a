/** What of others is shipped: npm packages in the bundles, and libraries in the helper. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { COMMAND_LINE_PACKAGES } from './commandLinePackages';

export interface Component {
  readonly name: string;
  /** Undefined for a library of the helper: it has the version that the compiler comes with. */
  readonly version: string | undefined;
  /** An SPDX expression. */
  readonly licence: string;
  /** The texts that have to go with it. */
  readonly text: string;
  /** The products that have it. */
  readonly products: readonly string[];
}

/** Licences that ask for nothing but their text, so that all of them fit a program under the MIT licence. SPDX identifiers. */
export const ALLOWED: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
];

/** Of a choice (`A OR B`) one licence is enough, of several together (`A AND B`) none fits: nobody has looked at such a package yet. */
export function isAllowed(licence: string): boolean {
  return licence
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((each) => ALLOWED.includes(each));
}

/** The folder of an npm package in a path of node_modules, with those it is nested in. */
export function packageFolder(file: string): string {
  const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
  if (found === undefined) throw new Error(`${file} is in no npm package`);
  return found;
}

interface Description {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  /** The form of old packages. */
  readonly licenses?: readonly { readonly type: string }[];
}

/** @throws Error when a package has no licence that is allowed, or does not bring its text */
export function npmComponent(root: string, folder: string, products: readonly string[]): Component {
  const full = path.join(root, folder);
  const { name, version, license, licenses } = JSON.parse(
    readFileSync(path.join(full, 'package.json'), 'utf8'),
  ) as Description;
  const licence = license ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'no licence';
  if (!isAllowed(licence))
    throw new Error(
      `${name} ${version} is bundled and its licence is ${licence}. Allowed are ${ALLOWED.join(', ')}; use another package.`,
    );
  const files = readdirSync(full).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  if (files.length === 0)
    throw new Error(`${name} ${version} is bundled and does not bring the text of its licence.`);
  const text = files.sort().map((file) => readFileSync(path.join(full, file), 'utf8').trim());
  return { name, version, licence, text: text.join('\n\n'), products };
}

/** The libraries that are linked statically into the helper, with the files of packaging/licences/. */
const HELPER_LIBRARIES = [
  { name: 'glibc', licence: 'LGPL-2.1-or-later', files: ['glibc.txt', 'LGPL-2.1.txt'] },
  { name: 'jansson', licence: 'MIT', files: ['jansson.txt'] },
  { name: 'libgcc', licence: 'GPL-3.0-or-later WITH GCC-exception-3.1', files: ['libgcc.txt'] },
];

const EXTENSION = 'extension';

/** The products that have a file of dist/. The extension has all. */
function productsOf(file: string): string[] {
  const packages = COMMAND_LINE_PACKAGES.filter(({ built }) =>
    built.some((each) => (each.endsWith('/') ? file.startsWith(each) : file === each)),
  );
  return [EXTENSION, ...packages.map(({ name }) => name)];
}

const byName = (a: Component, b: Component): number => {
  const [x, y] = [a, b].map(({ name, version }) => `${name} ${version ?? ''}`);
  return (x ?? '') < (y ?? '') ? -1 : 1;
};

/**
 * Asks the bundler what it takes from node_modules. Two copies of one version count once.
 *
 * @param root the checkout
 * @returns the npm packages by name, then the helper's libraries
 * @throws Error see {@link npmComponent}
 */
export function shippedComponents(root: string): Component[] {
  const build = [path.join(root, 'scripts', 'build.mjs'), '--bundled-files'];
  const said = execFileSync(process.execPath, build, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  const products = new Map<string, Set<string>>();
  for (const [bundle, files] of Object.entries(JSON.parse(said) as Record<string, string[]>))
    for (const folder of files.map(packageFolder)) {
      const known = products.get(folder) ?? new Set();
      products.set(folder, known);
      for (const product of productsOf(bundle)) known.add(product);
    }
  const packages = new Map<string, Component>();
  for (const [folder, names] of products) {
    const each = npmComponent(root, folder, [...names].sort());
    const key = `${each.name} ${each.version ?? ''}`;
    const all = new Set([...each.products, ...(packages.get(key)?.products ?? [])]);
    packages.set(key, { ...each, products: [...all].sort() });
  }
  const withHelper = COMMAND_LINE_PACKAGES.filter(({ helper }) => helper).map(({ name }) => name);
  const libraries = HELPER_LIBRARIES.map(({ name, licence, files }) => ({
    name,
    version: undefined,
    licence,
    text: files
      .map((file) => readFileSync(path.join(root, 'packaging', 'licences', file), 'utf8').trimEnd())
      .join('\n\n'),
    products: [EXTENSION, ...withHelper],
  }));
  return [...[...packages.values()].sort(byName), ...libraries];
}
