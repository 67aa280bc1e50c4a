/** Which module a folder's Makefile builds. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../base/userError';

/** A driver in the workspace. */
export interface DriverSource {
  /** The folder with its Makefile. */
  readonly folder: string;
  /** The workspace's folder; headers beside and above the driver are looked for no further than here. */
  readonly root: string;
  /** As its Makefile spells it, `ism-vfio-pci`. */
  readonly module: string;
  /** The option that switches it on, `CONFIG_ISM_VFIO_PCI`; undefined for obj-m. */
  readonly option: string | undefined;
  /** Kbuild or Makefile; kbuild prefers the first. */
  readonly makefile: string;
}

/** The modules of a Makefile's text, in order: `obj-m += x.o` and `obj-$(CONFIG_X) += x.o`. */
export function modulesOf(text: string): Pick<DriverSource, 'module' | 'option'>[] {
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const [code = ''] = line.split('#', 1);
    const equals = code.indexOf('=');
    const name = code.slice(0, Math.max(0, equals)).trim();
    const target = /^obj-(?:m|\$\((CONFIG_\w+)\))$/.exec(name.replace(/[:+]$/, '').trim());
    if (!target) return [];
    const objects = code.slice(equals + 1).split(/\s/);
    return objects
      .filter((object) => /^[\w-]+\.o$/.test(object))
      .map((object) => ({ module: object.slice(0, -2), option: target[1] }));
  });
}

/** @throws UserError when the folder builds no module, or several */
export function driverSource(folder: string, root: string): DriverSource {
  const makefile = ['Kbuild', 'Makefile'].find((name) => existsSync(path.join(folder, name)));
  const modules = makefile ? modulesOf(readFileSync(path.join(folder, makefile), 'utf8')) : [];
  const [only] = modules;
  if (!makefile || !only)
    throw new UserError(`${folder} has no Makefile that builds a module; choose the folder of a driver.`);
  if (modules.length > 1)
    throw new UserError(
      `${folder} builds several modules (${modules.map(({ module }) => module).join(', ')}); only a folder with one can be tried.`,
    );
  return { folder, root, ...only, makefile };
}
