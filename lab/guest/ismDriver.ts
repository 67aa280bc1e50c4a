import { copyFileSync, cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { artefact, contentKey } from '../../setup/artefact';
import { timed, type SetupContext } from '../../setup/context';
import type { CrossCompiler } from '../../setup/cross';
import type { GuestKernel } from '../../setup/kernel';
import type { LinuxSource } from '../../setup/linuxSource';
import { mustRun } from '../../setup/run';

/** Counts changes of how the module is built. */
const recipe = 1;

/**
 * Builds ism-vfio-pci for the guest's kernel out of the unmodified sources, since Debian's kernel does not have it.
 * @returns path of the module
 */
export async function ismVfioPci(
  setup: SetupContext,
  kernel: GuestKernel,
  source: LinuxSource,
  cross: CrossCompiler,
): Promise<string> {
  const key = contentKey({ recipe, kernel: kernel.key, source: source.version, cross: cross.key });
  const folder = await artefact(setup, path.join('modules', `ism-vfio-pci-${key}`), (temporary) =>
    timed(setup, `building ism-vfio-pci for Linux ${kernel.release}`, async () => {
      const build = path.join(temporary, 'build');
      // main.c includes ../vfio_pci_priv.h, so the neighbourhood is kept.
      cpSync(path.join(source.folder, 'drivers/vfio/pci'), build, { recursive: true });
      // The module's own Makefile asks for CONFIG_ISM_VFIO_PCI, which this kernel's configuration does not have.
      const makefile = 'obj-m := ism-vfio-pci.o\nism-vfio-pci-y := main.o\n';
      writeFileSync(path.join(build, 'ism/Makefile'), makefile);
      const log = path.join(setup.cache, 'logs', 'ism-vfio-pci.log');
      const args = [
        'ARCH=s390',
        `CROSS_COMPILE=${cross.prefix}`,
        // Debian's headers ask for the very compiler of the kernel; the default one serves and is the one there is.
        `CC=${cross.prefix}gcc`,
        '-C',
        kernel.build,
        `M=${path.join(build, 'ism')}`,
        'modules',
      ];
      const purpose = `build ism-vfio-pci for Linux ${kernel.release}`;
      const env = { PATH: `${kernel.tools}:${cross.env.PATH}` };
      await mustRun(purpose, cross.make, args, { env, log });
      copyFileSync(path.join(build, 'ism/ism-vfio-pci.ko'), path.join(temporary, 'ism-vfio-pci.ko'));
    }),
  );
  return path.join(folder, 'ism-vfio-pci.ko');
}
