import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { artefact, contentKey } from '../../setup/artefact';
import { timed, type SetupContext } from '../../setup/context';
import { crossCompiler } from '../../setup/cross';
import type { GuestKernel } from '../../setup/kernel';
import { linuxSource } from '../../setup/linuxSource';
import { filesBelow } from '../../setup/relocate';
import { SetupError } from '../../setup/setupError';
import { kernelOfFlavour } from '../kernel/build';
import type { KernelFlavour } from '../kernel/flavour';
import { projectFile } from '../base/projectFile';
import { CpioArchive } from './cpio';
import { driverModules } from './driverModules';
import { guestPackages } from './packages';

/** What QEMU boots. */
export interface GuestImage {
  readonly kernel: GuestKernel;
  /** Path of the initial root file system, the same for all labs; each lab adds its own keys. */
  readonly initramfs: string;
  /** Folder of the drivers that it holds: `ism-vfio-pci.ko`, and those of whole mode in `whole`. */
  readonly drivers: string;
}

/** Counts changes of what the image holds. */
const recipe = 2;

/** Modules of the kernel in the image. Those that a kernel has built in are not found and left out. */
const kernelModules = [
  'failover',
  'net_failover',
  'virtio_net',
  'irqbypass',
  'vfio',
  'vfio_iommu_type1',
  'vfio-pci-core',
  'vfio-pci',
  'dibs',
  'ccwgroup',
  'pnet',
  'ib_core',
  'smc',
  'smc_diag',
];

/** Without these there is no guest that serves. */
const neededModules = ['vfio-pci-core'];

const programs: Readonly<Record<string, string>> = {
  'usr/bin/busybox': 'bin/busybox',
  'usr/sbin/dropbear': 'usr/sbin/dropbear',
  'usr/lib/openssh/sftp-server': 'usr/lib/sftp-server', // the path that dropbear starts
};

/** Shared libraries of dropbear and sftp-server. */
const libraries =
  /^(libc\.so\.6|libcrypt\.so\.1|libz\.so\.1|libtomcrypt\.so\.\d+|libtommath\.so\.\d+|libgmp\.so\.\d+)$/;

/** Provides the kernel and the file system of the guest, built once for each set of packages. */
export async function guestImage(setup: SetupContext, flavour: KernelFlavour): Promise<GuestImage> {
  const cross = await crossCompiler(setup);
  const kernel = await kernelOfFlavour(setup, flavour);
  const source = await linuxSource(setup, kernel.sourceRelease);
  if (source.release !== kernel.sourceRelease)
    throw new SetupError(
      `The guest's kernel is ${kernel.release}, but the sources that could be had are of ${source.release}; run the command again with --refresh.`,
    );
  const packages = await guestPackages(setup);
  const drivers = await driverModules(setup, kernel, source, cross);
  const scripts = ['init.sh', 'load-ism.sh'].map((name) =>
    readFileSync(projectFile(`lab/guest/${name}`), 'utf8'),
  );
  const [init = '', loadIsm = ''] = scripts;
  const key = contentKey({
    recipe,
    kernel: kernel.key,
    packages: path.basename(packages.folder),
    drivers: path.basename(drivers),
    scripts,
  });
  const folder = await artefact(setup, path.join('images', `guest-${key}`), (temporary) =>
    timed(setup, `building the guest's file system with Linux ${kernel.release}`, () => {
      const archive = new CpioArchive();
      addSystem(archive);
      archive.file('init', init, 0o755);
      archive.file('usr/sbin/load-ism', loadIsm, 0o755);
      addPrograms(archive, packages.folder);
      for (const [name, content] of unpackModules(kernel, cross.xz))
        archive.file(`lib/modules/${name}.ko`, content);
      for (const name of filesBelow(drivers))
        archive.file(`lib/modules/${name}`, readFileSync(path.join(drivers, name)));
      writeFileSync(path.join(temporary, 'initramfs.gz'), gzipSync(archive.finish(), { level: 6 }));
      return Promise.resolve();
    }),
  );
  return { kernel, initramfs: path.join(folder, 'initramfs.gz'), drivers };
}

/** The unprivileged user of the guest, for trying out what needs privileges. */
export const devUser = { user: 1000, group: 1000 } as const;

function addSystem(archive: CpioArchive): void {
  for (const name of [
    'proc',
    'sys',
    'dev',
    'run',
    'mnt',
    'var/log',
    'sbin',
    'usr/sbin',
    'usr/bin',
    'etc/dropbear',
  ])
    archive.directory(name);
  archive.directory('tmp', 0o1777);
  archive.directory('root', 0o700);
  archive.directory('home/dev', 0o755, devUser);
  archive.file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\ndev:x:1000:1000:dev:/home/dev:/bin/sh\n');
  archive.file('etc/group', 'root:x:0:\ndev:x:1000:\n');
  archive.file('etc/shadow', 'root:*:::::::\ndev:*:::::::\n', 0o600);
  archive.file('etc/shells', '/bin/sh\n');
  archive.file('etc/hosts', '127.0.0.1 localhost\n');
}

function addPrograms(archive: CpioArchive, root: string): void {
  for (const [from, to] of Object.entries(programs))
    archive.file(to, readFileSync(path.join(root, from)), 0o755);
  const folder = path.join(root, 'usr/lib/s390x-linux-gnu');
  for (const name of filesBelow(folder))
    if (libraries.test(name))
      archive.file(`lib/s390x-linux-gnu/${name}`, readFileSync(realpathSync(path.join(folder, name))), 0o755);
  // The dynamic linker's path is part of every program (ABI supplement for s390x).
  archive.file('lib/ld64.so.1', readFileSync(realpathSync(path.join(root, 'usr/lib/ld64.so.1'))), 0o755);
}

function unpackModules(kernel: GuestKernel, xz: string): Array<readonly [string, Buffer]> {
  const files = new Map<string, string>();
  for (const name of filesBelow(kernel.modules)) {
    const module = /([^/]+)\.ko(\.xz)?$/.exec(name)?.[1];
    if (module && kernelModules.includes(module)) files.set(module, path.join(kernel.modules, name));
  }
  const missing = neededModules.filter((name) => !files.has(name));
  if (missing.length)
    throw new SetupError(`Linux ${kernel.release} has no module ${missing.join(' and no module ')}.`);
  return [...files].map(([name, file]) => [
    name,
    file.endsWith('.xz') ? execFileSync(xz, ['-dc', file], { maxBuffer: 1 << 28 }) : readFileSync(file),
  ]);
}
