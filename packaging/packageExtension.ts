/** Packing the VSIX with the helper in it. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import type { SetupContext } from '../setup/context';
import { placeHelper } from './placeHelper';

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
