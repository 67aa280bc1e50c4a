/** Packing the VSIX with the helper in it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
import type { SetupContext } from '../setup/context';
import { setModes } from './modes';
import { placeHelper } from './placeHelper';

/** The date of all files in a VSIX, as a zip archive can first tell it: seconds since 1970, for vsce. */
const SOURCE_DATE_EPOCH = `${Date.UTC(1980, 0, 1) / 1000}`;

/** Runs with other environment variables, and gives the old ones back. */
async function withEnvironment<T>(
  other: Readonly<Record<string, string>>,
  action: () => Promise<T>,
): Promise<T> {
  const before = Object.keys(other).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, other);
  try {
    return await action();
  } finally {
    for (const [name, value] of before)
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
  }
}

/**
 * Packs what is built. The same files give the same bytes: an archive has the dates and modes of its files and the local
 * time, so they are packed from a copy, with one date, in UTC.
 *
 * @param root the checkout, with a production build in dist/
 * @param vsix the file to write
 */
export async function packVsix(root: string, vsix: string): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ism-vsix-'));
  try {
    for (const name of [
      ...(await listFiles({ cwd: root, packageManager: PackageManager.None })),
      '.vscodeignore',
    ])
      cpSync(path.join(root, name), path.join(folder, name));
    setModes(folder, []);
    await withEnvironment({ SOURCE_DATE_EPOCH, TZ: 'UTC' }, () =>
      createVSIX({
        cwd: folder,
        packagePath: vsix,
        dependencies: false,
        allowMissingRepository: true,
        rewriteRelativeLinks: false,
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
  await packVsix(root, vsix);
  return vsix;
}
