import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { unpackPackage, type ChosenPackage } from './apt';
import { artefact, contentKey, readRecord, writeRecord } from './artefact';
import { timed, type SetupContext } from './context';
import { crossCompiler } from './cross';
import { failure, run } from './run';
import { SetupError } from './setupError';
import { newest } from './versions';
import { labWorld, suiteWorld, type World } from './worlds';

/** A part of the kernel's sources as Debian publishes them, patches applied. */
export interface LinuxSource {
  /** Holds drivers/vfio, include/linux, ... */
  readonly folder: string;
  /** The release, for example 7.2. It differs from the one asked for when the archive no longer had that. */
  readonly release: string;
  /** Version of the package it comes from, for example 7.2.12-1. */
  readonly version: string;
}

/** Where releases are found that the lab's own suites do not have. */
const suiteOfRelease: Readonly<Record<string, string>> = {
  '6.1': 'bookworm',
  '6.12': 'trixie',
  '7.3': 'experimental',
};

/** What is taken of the sources, as patterns of tar: everything about vfio and zPCI, and the licences. */
const parts = [
  'COPYING',
  'LICENSES/*',
  'MAINTAINERS',
  'arch/s390/include/asm/pci*',
  'arch/s390/include/uapi/asm/zcrypt.h',
  'arch/s390/kvm/pci*',
  'arch/s390/pci/*',
  'drivers/dibs/*',
  // The self-tests of vfio link to headers of the devices that they drive.
  'drivers/dma/idxd/registers.h',
  'drivers/dma/ioat/hw.h',
  'drivers/dma/ioat/registers.h',
  'drivers/gpu/drm/i915/gvt/kvmgt.c',
  'drivers/net/ethernet/intel/igb/e1000_82575.h',
  'drivers/net/ethernet/intel/igb/e1000_defines.h',
  'drivers/net/ethernet/intel/igb/e1000_regs.h',
  'drivers/s390/cio/vfio*',
  'drivers/s390/crypto/vfio*',
  'drivers/s390/net/*',
  'drivers/vfio/*',
  'include/linux/dibs.h',
  'include/linux/ism.h',
  'include/linux/vfio*',
  'include/uapi/linux/vfio*.h',
  'samples/vfio-mdev/*',
  'tools/testing/selftests/vfio/*',
];

/** What is left out of the whole sources: large drivers that no kernel of the lab has, while their Kconfig files stay. */
const unbuilt = [
  '*/Documentation/*.rst',
  '*/arch/[a-rt-z]*/boot/*',
  '*/drivers/gpu/drm/*.[ch]',
  '*/drivers/media/*.[ch]',
  '*/drivers/net/ethernet/*.[ch]',
  '*/drivers/net/wireless/*.[ch]',
  '*/drivers/staging/*.[ch]',
  '*/sound/*.[ch]',
  '*/tools/testing/selftests/*',
];

/** Which part of the sources is wanted: everything about vfio and zPCI, or what a whole kernel is built from. */
export type SourcePart = 'vfio' | 'kernel';

const selections: Readonly<Record<SourcePart, { readonly key: string; readonly args: readonly string[] }>> = {
  vfio: {
    key: contentKey(parts),
    args: ['--wildcards', ...parts.map((pattern) => `linux-source-*/${pattern}`)],
  },
  kernel: {
    key: `whole-${contentKey(unbuilt)}`,
    args: ['--wildcards', ...unbuilt.map((pattern) => `--exclude=${pattern}`)],
  },
};

interface SourceRecord {
  readonly release: string;
  readonly version: string;
  readonly folder: string;
}

/**
 * Provides sources of a kernel release, for example '7.2'. When the archive does not have that release the newest it has
 * is taken, and the progress says so.
 */
export async function linuxSource(
  setup: SetupContext,
  wanted = '7.2',
  part: SourcePart = 'vfio',
): Promise<LinuxSource> {
  const selection = selections[part];
  const suffix = part === 'vfio' ? '' : `-${part}`;
  const record = path.join(setup.cache, 'sources', `linux-${wanted}${suffix}.json`);
  const known = setup.refresh ? undefined : readRecord<SourceRecord>(record);
  // A record of another selection of parts, as an older version of this tool wrote it, lacks what is asked for now.
  const isCurrent = known?.folder.endsWith(selection.key) && existsSync(path.join(setup.cache, known.folder));
  if (known && isCurrent) return { ...known, folder: path.join(setup.cache, known.folder) };
  const { xz } = await crossCompiler(setup);
  const suite = suiteOfRelease[wanted];
  const world = await worldOf(setup, wanted, suite);
  const found = await world.withApt(setup, async (apt) => {
    const names = await apt.names('^linux-source-[0-9.]+$');
    const name = names.includes(`linux-source-${wanted}`) ? `linux-source-${wanted}` : newest(names);
    const [chosen] = name ? await apt.chooseAlone([name]) : [];
    if (!chosen) throw new SetupError(`The archive has no package with the sources of Linux ${wanted}.`);
    const release = chosen.name.replace('linux-source-', '');
    if (release !== wanted)
      setup.say(`set-up: the archive has no sources of Linux ${wanted}; taking ${release}, its newest`);
    const folder = path.join('sources', `linux-${chosen.version.replace(/^\d+:/, '')}-${selection.key}`);
    await artefact(setup, folder, async (temporary) => {
      await apt.download([chosen], `the sources of Linux ${release}`);
      const archive = path.join(apt.archives, chosen.file);
      const doing = part === 'vfio' ? 'taking vfio and zPCI out of' : 'unpacking';
      await timed(setup, `${doing} the sources of Linux ${release}`, () =>
        extract(setup, chosen, archive, xz, temporary, selection.args),
      );
      rmSync(archive);
    });
    return { release, version: chosen.version, folder };
  });
  writeRecord(record, found);
  return { ...found, folder: path.join(setup.cache, found.folder) };
}

/** The lab's suites when they have the release, else the suite that is known for it. */
async function worldOf(setup: SetupContext, wanted: string, suite: string | undefined): Promise<World> {
  if (!suite) return labWorld;
  const inLab = await labWorld.withApt(setup, (apt) => apt.names(`^linux-source-${wanted}$`));
  return inLab.length ? labWorld : suiteWorld(suite);
}

async function extract(
  setup: SetupContext,
  chosen: ChosenPackage,
  archive: string,
  xz: string,
  folder: string,
  selection: readonly string[],
): Promise<void> {
  const whole = path.join(folder, '.package');
  await unpackPackage(setup, archive, whole);
  const inner = path.join(whole, 'usr/src');
  const tarball = readdirSync(inner).find((name) => /^linux-source-.*\.tar\.xz$/.test(name));
  if (!tarball) throw new SetupError(`The package ${chosen.file} holds no linux-source-*.tar.xz.`);
  const log = path.join(setup.cache, 'logs', 'linux-source.log');
  const args = ['-x', '-f', path.join(inner, tarball), '-C', folder, '--strip-components=1', '-I', xz];
  const { code, stderr } = await run('tar', [...args, ...selection], { log });
  // Releases differ in what they have: a pattern that matches nothing is no error, anything else is.
  const errors = stderr
    .split('\n')
    .filter((line) => line && !/Not found in archive|Exiting with failure/.test(line));
  if (code !== 0 && errors.length) throw failure(`unpack the sources of Linux`, stderr, log);
  if (!existsSync(path.join(folder, 'drivers/vfio')))
    throw new SetupError(`The package ${chosen.file} holds no drivers/vfio (details: ${log}).`);
  rmSync(whole, { recursive: true });
}
