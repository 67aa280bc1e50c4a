/** `npm run package`: builds the VSIX and the command-line packages, says where they are and how large; fails when one is larger than is promised. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { openSetup } from '../setup/context';
import { SetupError } from '../setup/setupError';
import { MOST_PACKAGE_BYTES, packCommandLine } from './commandLinePackages';
import { packageExtension } from './packageExtension';
import { MOST_BYTES, vsixSize } from './vsixSize';

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KB`;

/** @returns what is too large, one sentence each */
async function main(root: string): Promise<string[]> {
  const tooLarge: string[] = [];
  const vsix = await packageExtension(openSetup(), root);
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
