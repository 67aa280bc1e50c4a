import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { defaultCacheFolder, isTaggedCache, openSetup } from '../../setup/context';
import { tryLock } from '../../setup/lock';
import { SetupError } from '../../setup/setupError';

/**
 * Removes the cache folder with everything in it and returns what to tell the user.
 * @throws SetupError when labs run from it or when it may not be ours
 */
export async function removeCache(): Promise<string> {
  const folder = defaultCacheFolder();
  if (!existsSync(folder)) return `There is nothing to remove: ${folder} does not exist.`;
  // A person can point ISM_CACHE at a folder with other things in it; those are not ours to remove.
  if (!isTaggedCache(folder))
    throw new SetupError(
      `${folder} has no CACHEDIR.TAG of this project, so it may hold other things; remove it by hand.`,
    );
  const setup = openSetup();
  const labs = path.join(folder, 'labs');
  for (const name of existsSync(labs) ? readdirSync(labs) : []) {
    const release = await tryLock(setup, `lab-${name}`);
    if (!release) throw new SetupError(`The lab '${name}' is running; stop it first.`);
    await release();
  }
  rmSync(folder, { recursive: true, force: true });
  return `Removed ${folder}.`;
}
