import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { artefact, contentKey } from '../../setup/artefact';
import { timed, type SetupContext } from '../../setup/context';
import type { CrossCompiler } from '../../setup/cross';
import type { GuestKernel } from '../../setup/kernel';
import type { LinuxSource } from '../../setup/linuxSource';
import { filesBelow } from '../../setup/relocate';
import { mustRun } from '../../setup/run';
import { projectFile } from '../base/projectFile';

/** Counts changes of how the modules are built. */
const recipe = 2;

const shim = 'whole_stores.h';

interface ModulePlan {
  /** Path of the module below the returned folder. */
  readonly name: string;
  /** Copies sources into the folder and returns where the Makefile is to be, relative to it. */
  readonly take: (sources: string, folder: string) => string;
  readonly makefile: string;
}

/** main.c includes ../vfio_pci_priv.h, so the neighbourhood is kept. */
function takeVfioPci(sources: string, folder: string): string {
  cpSync(path.join(sources, 'drivers/vfio/pci'), folder, { recursive: true });
  copyFileSync(projectFile(`lab/modules/${shim}`), path.join(folder, 'ism', shim));
  return 'ism';
}

function takeIsm(sources: string, folder: string): string {
  mkdirSync(folder);
  for (const file of ['ism.h', 'ism_drv.c'])
    copyFileSync(path.join(sources, 'drivers/s390/net', file), path.join(folder, file));
  copyFileSync(projectFile(`lab/modules/${shim}`), path.join(folder, shim));
  return '';
}

function takeOwn(_sources: string, folder: string): string {
  mkdirSync(folder);
  copyFileSync(projectFile('lab/modules/ism_lab.c'), path.join(folder, 'ism_lab.c'));
  return '';
}

// The drivers' own Makefiles ask for options that a kernel's configuration may not have.
const vfioPci = 'obj-m := ism-vfio-pci.o\nism-vfio-pci-y := main.o\n';
const withShim = `ccflags-y += -include $(src)/${shim}\n`;

const stock: ModulePlan = { name: 'ism-vfio-pci.ko', take: takeVfioPci, makefile: vfioPci };
const wholeVfioPci: ModulePlan = {
  name: 'whole/ism-vfio-pci.ko',
  take: takeVfioPci,
  // Its stores run in the context of the program that called pwrite().
  makefile: `${vfioPci}${withShim}ccflags-y += -DLAB_STORES_MAY_SLEEP\n`,
};
const wholeIsm: ModulePlan = {
  name: 'whole/ism.ko',
  take: takeIsm,
  makefile: `obj-m := ism.o\nism-y := ism_drv.o\n${withShim}`,
};
const ismLab: ModulePlan = { name: 'whole/ism_lab.ko', take: takeOwn, makefile: 'obj-m := ism_lab.o\n' };

/**
 * Builds the drivers of ISM out of their unmodified sources, and the lab's own module: `ism-vfio-pci.ko` for stock mode, and
 * in `whole/` those of whole mode. A kernel that has modules of DIBS gets `ism.ko` too.
 * @returns the folder of the modules
 */
export async function driverModules(
  setup: SetupContext,
  kernel: GuestKernel,
  source: LinuxSource,
  cross: CrossCompiler,
): Promise<string> {
  const own = [shim, 'ism_lab.c'].map((name) => readFileSync(projectFile(`lab/modules/${name}`), 'utf8'));
  const key = contentKey({ recipe, own, kernel: kernel.key, source: source.version, cross: cross.key });
  const hasDibs = [...filesBelow(kernel.modules)].some((name) => /(^|\/)dibs\.ko/.test(name));
  const plans = [stock, wholeVfioPci, ismLab, ...(hasDibs ? [wholeIsm] : [])];
  return artefact(setup, path.join('modules', `ism-${key}`), (temporary) =>
    timed(setup, `building the ISM drivers for Linux ${kernel.release}`, async () => {
      for (const plan of plans) await build(setup, plan, { kernel, source, cross, temporary });
    }),
  );
}

/** What a driver of vfio functions is compiled with beside its own options so that its stores are whole blocks. */
export function wholeStoresFlags(): string[] {
  return ['-include', projectFile(`lab/modules/${shim}`), '-DLAB_STORES_MAY_SLEEP'];
}

interface Job {
  readonly kernel: GuestKernel;
  readonly source: LinuxSource;
  readonly cross: CrossCompiler;
  readonly temporary: string;
}

async function build(setup: SetupContext, plan: ModulePlan, job: Job): Promise<void> {
  const { kernel, source, cross, temporary } = job;
  const folder = path.join(temporary, 'build');
  rmSync(folder, { recursive: true, force: true });
  const module = path.join(folder, plan.take(source.folder, folder));
  writeFileSync(path.join(module, 'Makefile'), plan.makefile);
  const log = path.join(setup.cache, 'logs', 'driver-modules.log');
  const args = [
    'ARCH=s390',
    `CROSS_COMPILE=${cross.prefix}`,
    // Debian's headers ask for the very compiler of the kernel; the default one serves and is the one there is.
    `CC=${cross.prefix}gcc`,
    ...['-C', kernel.build, `M=${module}`, 'modules'],
  ];
  const env = { PATH: `${kernel.tools}:${cross.env.PATH}` };
  const purpose = `build ${plan.name} for Linux ${kernel.release}`;
  await mustRun(purpose, cross.make, args, { env, log });
  const result = path.join(temporary, plan.name);
  if (!existsSync(path.dirname(result))) mkdirSync(path.dirname(result), { recursive: true });
  const built = path.join(module, path.basename(plan.name));
  await mustRun(`strip ${plan.name}`, cross.strip, ['--strip-debug', '-o', result, built], {
    env: cross.env,
    log,
  });
  rmSync(folder, { recursive: true });
}
