/** Packing the VSIX with the helper in it. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { buildHelper } from '../helper/build';
import type { SetupContext } from '../setup/context';

/**
 * Builds the helper and puts it, with its checksum, where the extension looks for it.
 *
 * @param root the checkout
 * @returns its path
 */
export async function placeHelper(setup: SetupContext, root: string): Promise<string> {
  const helper = await buildHelper(setup, root);
  mkdirSync(path.join(root, 'dist', 'helper'), { recursive: true });
  const shipped = path.join(root, 'dist', 'helper', 'ism-helper-s390x');
  copyFileSync(helper, shipped);
  const sum = createHash('sha256').update(readFileSync(helper)).digest('hex');
  writeFileSync(`${shipped}.sha256`, `${sum}  ism-helper-s390x\n`);
  return shipped;
}

/**
 * Builds the minified bundles and the helper, and packs them.
 *
 * @param root the checkout
 * @returns the path of the VSIX
 */
export async function packageExtension(setup: SetupContext, root: string): Promise<string> {
  await placeHelper(setup, root);
  execFileSync(process.execPath, [path.join(root, 'scripts', 'build.mjs'), '--production'], {
    cwd: root,
    stdio: 'inherit',
  });
  const vsix = path.join(root, 'dist', 'ism-driver-tools.vsix');
  await createVSIX({
    cwd: root,
    packagePath: vsix,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return vsix;
}
