import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { unpackPackage, type ChosenPackage, type PrivateApt } from './apt';
import { artefact } from './artefact';
import type { SetupContext } from './context';

/**
 * Packages are unpacked once each, into a folder named by their version, and private roots are made of hard links to
 * them. So a suite that moved costs only the packages that changed, and several roots share one copy.
 */
export function storedPackage(setup: SetupContext, chosen: ChosenPackage): string {
  return path.join(setup.store, storeName(chosen));
}

/** Downloads and unpacks those packages that the store does not have. The caller holds the lock of this apt. */
export async function fillStore(
  setup: SetupContext,
  apt: PrivateApt,
  packages: readonly ChosenPackage[],
  what: string,
): Promise<void> {
  const missing = packages.filter((chosen) => !existsSync(storedPackage(setup, chosen)));
  await apt.download(missing, what);
  const store = { ...setup, cache: setup.store };
  for (const chosen of missing) {
    const archive = path.join(apt.archives, chosen.file);
    await artefact(store, storeName(chosen), (temporary) => unpackPackage(setup, archive, temporary));
    rmSync(archive, { force: true });
  }
}

function storeName({ file }: ChosenPackage): string {
  return path.join('packages', file.replace(/\.deb$/, ''));
}

/** Folders that Debian has merged into /usr, while some packages still ship files under the old names. */
const mergedIntoUsr = new Set(['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']);

/** What nothing here reads: it would only make roots slower to build. Copyright files stay. */
const unread = /^usr\/share\/(man|info|locale|lintian|bug|bash-completion)$/;

/**
 * Makes hard links to all files of an unpacked package below another folder.
 * Later packages win where two have the same file, as with dpkg's diversions no package of ours needs otherwise.
 */
export function linkPackage(folder: string, root: string): void {
  const visit = (inside: string): void => {
    for (const name of readdirSync(path.join(folder, inside))) {
      const here = path.join(inside, name);
      const source = path.join(folder, here);
      const top = here.split(path.sep)[0] ?? '';
      const target = path.join(root, mergedIntoUsr.has(top) ? path.join('usr', here) : here);
      const kind = lstatSync(source);
      if (kind.isDirectory()) {
        if (unread.test(here)) continue;
        mkdirSync(target, { recursive: true });
        visit(here);
      } else if (kind.isSymbolicLink()) {
        rmSync(target, { force: true });
        symlinkSync(readlinkSync(source), target);
      } else if (kind.isFile()) {
        rmSync(target, { force: true });
        linkOrCopy(source, target);
      }
    }
  };
  visit('');
}

/** Some file systems, mostly of shared folders, have no hard links. */
function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'ENOSYS'].includes(code)) throw error;
    copyFileSync(source, target);
  }
}
