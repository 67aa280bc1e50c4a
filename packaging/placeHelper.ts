/** The helper where the programs that are shipped look for it. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildHelper } from '../helper/build';
import type { SetupContext } from '../setup/context';

/**
 * Puts a helper, with its checksum, into a folder.
 *
 * @returns its path there
 */
export function copyHelper(helper: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const shipped = path.join(folder, 'ism-helper-s390x');
  copyFileSync(helper, shipped);
  const sum = createHash('sha256').update(readFileSync(helper)).digest('hex');
  writeFileSync(`${shipped}.sha256`, `${sum}  ism-helper-s390x\n`);
  return shipped;
}

/**
 * Builds the helper and puts it where the extension looks for it.
 *
 * @param root the checkout
 * @returns its path
 */
export async function placeHelper(setup: SetupContext, root: string): Promise<string> {
  return copyHelper(await buildHelper(setup, root), path.join(root, 'dist', 'helper'));
}
