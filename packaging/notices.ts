/** THIRD-PARTY-NOTICES.md and the list of components for programs that check licences. */
import type { Component } from './components';

const title = ({ name, version }: Component): string => (version === undefined ? name : `${name} ${version}`);

/** A fence that no line of the text can end. */
function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${fence}text\n${text.replaceAll('\r\n', '\n')}\n${fence}`;
}

/** The page, from {@link shippedComponents}. */
export function notices(components: readonly Component[]): string {
  const rows = components.map((each) => `| ${title(each)} | ${each.licence} | ${each.products.join(', ')} |`);
  const texts = components.map((each) => `## ${title(each)}\n\n${fenced(each.text)}\n`);
  return `# Third-party notices

ISM Driver Tools is under the MIT licence. It ships with parts of the programs and libraries below. This page is generated from what
the bundler takes; \`npm run update-reference\` writes it.

| part | licence | in |
| --- | --- | --- |
${rows.join('\n')}

## The helper and the LGPL

The helper (\`dist/helper/ism-helper-s390x\`) is linked statically with glibc, jansson and libgcc. To link it with another glibc,
take the source of this project: \`helper/\` has the helper's C files, and \`helper/build.ts\` the compiler's options. glibc, jansson and
gcc are the unchanged packages of Debian (\`libc6-dev-s390x-cross\`, \`libjansson-dev\`, \`gcc-s390x-linux-gnu\`); their sources are in
Debian's archive. \`ism-run --helper FILE\` takes a helper that you built.

${texts.join('\n')}`;
}

/** What of package.json describes the whole. */
export interface Product {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/**
 * The components in CycloneDX 1.5. It has no date and no serial number, so the same tree gives the same bytes.
 *
 * @param versions of the helper's libraries
 */
export function billOfMaterials(
  product: Product,
  components: readonly Component[],
  versions: Readonly<Record<string, string>>,
): string {
  const list = components.map(({ name, version, licence, products }) => {
    const is = version ?? versions[name];
    const purl =
      version === undefined
        ? `pkg:generic/${name}${is === undefined ? '' : `@${encodeURIComponent(is)}`}`
        : `pkg:npm/${name.replace('@', '%40')}@${version}`;
    return {
      type: 'library',
      'bom-ref': purl,
      name,
      ...(is === undefined ? {} : { version: is }),
      licenses: [{ expression: licence }],
      purl,
      properties: products.map((value) => ({ name: 'ism-driver-tools:product', value })),
    };
  });
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        name: product.name,
        version: product.version,
        licenses: [{ license: { id: product.license } }],
      },
    },
    components: list,
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}
