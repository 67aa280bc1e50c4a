/** `npm run package`: builds the VSIX, the command-line packages and the bill of materials; fails when one is too large or a licence does not fit. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openSetup, type SetupContext } from '../setup/context';
import { crossCompiler } from '../setup/cross';
import { SetupError } from '../setup/setupError';
import { MOST_PACKAGE_BYTES, packCommandLine } from './commandLinePackages';
import { shippedComponents } from './components';
import { billOfMaterials, notices, type Product } from './notices';
import { packageExtension } from './packageExtension';
import { MOST_BYTES, vsixSize } from './vsixSize';

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KB`;

/** Checks the licences of what is bundled and writes dist/sbom.json. */
async function checkLicences(setup: SetupContext, root: string): Promise<void> {
  const components = shippedComponents(root);
  if (readFileSync(path.join(root, 'THIRD-PARTY-NOTICES.md'), 'utf8') !== notices(components))
    throw new SetupError(
      'package: THIRD-PARTY-NOTICES.md does not describe what is bundled; run npm run update-reference and read what changed.',
    );
  const { gcc, glibc, jansson } = (await crossCompiler(setup)).versions;
  const product = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Product;
  const bill = path.join(root, 'dist', 'sbom.json');
  writeFileSync(bill, billOfMaterials(product, components, { glibc, jansson, libgcc: gcc }));
  console.log(`${bill}: ${components.length} components of others`);
}

/** @returns what is too large, one sentence each */
async function main(root: string): Promise<string[]> {
  const tooLarge: string[] = [];
  const setup = openSetup();
  await checkLicences(setup, root);
  const vsix = await packageExtension(setup, root);
  const { whole, helper } = vsixSize(vsix);
  console.log(`${vsix}: ${kilobytes(whole)}, without the helper ${kilobytes(whole - helper)}`);
  if (whole - helper > MOST_BYTES || helper > MOST_BYTES)
    tooLarge.push(`neither the helper nor all the rest may be larger than ${kilobytes(MOST_BYTES)}.`);
  const dist = path.join(root, 'dist');
  for (const archive of packCommandLine(root, path.join(dist, 'helper', 'ism-helper-s390x'), dist)) {
    const { size } = statSync(archive);
    console.log(`${archive}: ${kilobytes(size)}`);
    if (size > MOST_PACKAGE_BYTES)
      tooLarge.push(`${path.basename(archive)} may not be larger than ${kilobytes(MOST_PACKAGE_BYTES)}.`);
  }
  return tooLarge;
}

main(process.cwd()).then(
  (tooLarge) => {
    for (const sentence of tooLarge) console.error(`package: ${sentence}`);
    if (tooLarge.length > 0) process.exitCode = 1;
  },
  (error: unknown) => {
    console.error(error instanceof SetupError ? error.message : error);
    process.exitCode = 2;
  },
);
