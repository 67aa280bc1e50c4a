import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { DRIVER_BUILD_FILE, DRIVER_BUILD_VERSION, type DriverBuild } from '../../protocol/driverBuild';
import type { SetupContext } from '../../setup/context';
import { crossCompiler } from '../../setup/cross';
import { wholeStoresFlags } from '../guest/driverModules';
import type { GuestImage } from '../guest/image';
import type { LabMode } from './machine';

/**
 * Writes how a driver for the lab's guests is built, for whoever wants to replace the one they run.
 *
 * @param folder of the lab
 * @returns the file
 */
export async function writeDriverBuild(
  setup: SetupContext,
  folder: string,
  { kernel, drivers }: GuestImage,
  mode: LabMode,
): Promise<string> {
  const cross = await crossCompiler(setup);
  const module = 'ism-vfio-pci';
  const description: DriverBuild = {
    version: DRIVER_BUILD_VERSION,
    kernel: kernel.release,
    build: kernel.build,
    make: cross.make,
    arguments: ['ARCH=s390', `CROSS_COMPILE=${cross.prefix}`, `CC=${cross.prefix}gcc`],
    environment: { PATH: `${kernel.tools}:${cross.env.PATH}` },
    objdump: path.join(path.dirname(cross.cc), `${cross.prefix}objdump`),
    addr2line: path.join(path.dirname(cross.cc), `${cross.prefix}addr2line`),
    strip: cross.strip,
    drivers: [
      {
        module,
        // In whole mode a store is to reach the function as one block with any driver.
        flags: mode === 'whole' ? wholeStoresFlags() : [],
        running: path.join(drivers, mode === 'whole' ? 'whole' : '', `${module}.ko`),
      },
    ],
    lab: true,
  };
  const file = path.join(folder, DRIVER_BUILD_FILE);
  writeFileSync(file, `${JSON.stringify(description, undefined, 2)}\n`);
  return file;
}
