import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { contentKey, readRecord, writeRecord } from '../../setup/artefact';
import { timed, type SetupContext } from '../../setup/context';
import { crossCompiler, type CrossCompiler } from '../../setup/cross';
import { guestKernel, type GuestKernel } from '../../setup/kernel';
import { kernelTools, type KernelTools } from '../../setup/kernelTools';
import { linuxSource, type LinuxSource } from '../../setup/linuxSource';
import { withLock } from '../../setup/lock';
import { filesBelow } from '../../setup/relocate';
import { mustRun } from '../../setup/run';
import { SetupError } from '../../setup/setupError';
import { projectFile } from '../base/projectFile';
import type { KernelFlavour } from './flavour';

type BuiltFlavour = Exclude<KernelFlavour, 'debian'>;

/** Counts changes of how kernels are built. */
const recipe = 1;

/** The release whose sources are built. */
const release = '7.2';

/** Files that make compiles for each flavour, measured once: only the progress shown depends on it. */
const expectedSteps: Readonly<Record<BuiltFlavour, number>> = { lab: 1320, debug: 1400 };

/** What is known of a kernel that is built; the rest follows from it. */
interface Built {
  readonly uname: string;
  readonly sourceFolder: string;
  readonly sourceVersion: string;
  readonly sourceRelease: string;
}

function configText(flavour: BuiltFlavour): string {
  const files = flavour === 'lab' ? ['lab'] : ['lab', flavour];
  return files.map((name) => readFileSync(projectFile(`lab/kernel/${name}.config`), 'utf8')).join('\n');
}

function folderOf(setup: SetupContext, flavour: BuiltFlavour): string {
  // Comments do not change a kernel.
  const options = configText(flavour)
    .split('\n')
    .filter((line) => /^CONFIG_/.test(line));
  return path.join(setup.cache, 'kernels', `${flavour}-${contentKey({ recipe, release, options })}`);
}

/** Whether a kernel is in the cache, so that using it costs no time. */
export function isKernelBuilt(setup: SetupContext, flavour: KernelFlavour): boolean {
  return flavour === 'debian' || known(setup, folderOf(setup, flavour)) !== undefined;
}

/** Provides a kernel of a flavour; *lab* and *debug* are built from Debian's sources when the cache has none. */
export async function kernelOfFlavour(setup: SetupContext, flavour: KernelFlavour): Promise<GuestKernel> {
  if (flavour === 'debian') return guestKernel(setup);
  const folder = folderOf(setup, flavour);
  const there = known(setup, folder);
  if (there) return there;
  return withLock(setup, path.join('kernels', path.basename(folder)), async () => {
    const made = known(setup, folder);
    if (made) return made;
    const source = await linuxSource(setup, release, 'kernel');
    const tools = await kernelTools(setup);
    const cross = await crossCompiler(setup);
    await timed(
      setup,
      `building the ${flavour} kernel, Linux ${source.release}, once; this takes minutes`,
      () => buildKernel({ setup, flavour, folder, source, tools, cross }),
    );
    const result = known(setup, folder);
    if (!result) throw new SetupError(`The ${flavour} kernel was built, but ${folder} does not hold it.`);
    return result;
  });
}

function known(setup: SetupContext, folder: string): GuestKernel | undefined {
  const built = readRecord<Built>(path.join(folder, 'built.json'));
  if (!built || !existsSync(path.join(setup.cache, built.sourceFolder))) return undefined;
  return {
    release: built.uname,
    sourceRelease: built.sourceRelease,
    sourceVersion: built.sourceVersion,
    image: path.join(folder, 'vmlinuz'),
    modules: path.join(folder, 'modules'),
    build: path.join(folder, 'build'),
    tools: path.join(folder, 'build/scripts'),
    key: path.basename(folder),
  };
}

interface Job {
  readonly setup: SetupContext;
  readonly flavour: BuiltFlavour;
  readonly folder: string;
  readonly source: LinuxSource;
  readonly tools: KernelTools;
  readonly cross: CrossCompiler;
}

/**
 * Runs make in a folder that stays when it is interrupted: kbuild writes the .cmd file of an object after the object, so
 * the next run redoes what was cut off and keeps the rest.
 */
async function buildKernel(job: Job): Promise<void> {
  const { setup, flavour, folder, source } = job;
  const build = path.join(folder, 'build');
  mkdirSync(build, { recursive: true });
  const wanted = configText(flavour);
  const fragment = path.join(folder, 'wanted.config');
  writeFileSync(fragment, wanted);
  await make(job, 'configure', [`KCONFIG_ALLCONFIG=${fragment}`, 'allnoconfig']);
  checkConfig(wanted, path.join(build, '.config'));
  await make(job, 'build', [`-j${availableParallelism()}`, 'bzImage', 'modules'], progress(setup, flavour));
  const modules = path.join(folder, 'modules');
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(modules);
  for (const name of filesBelow(build))
    if (name.endsWith('.ko')) copyFileSync(path.join(build, name), path.join(modules, path.basename(name)));
  copyFileSync(path.join(build, 'arch/s390/boot/bzImage'), path.join(folder, 'vmlinuz'));
  const uname = readFileSync(path.join(build, 'include/config/kernel.release'), 'utf8').trim();
  const record: Built = {
    uname,
    sourceFolder: path.relative(setup.cache, source.folder),
    sourceVersion: source.version,
    sourceRelease: source.release,
  };
  writeRecord(path.join(folder, 'built.json'), record);
}

async function make(
  job: Job,
  purpose: string,
  args: string[],
  onLine?: (line: string) => void,
): Promise<void> {
  const { setup, flavour, folder, source, tools, cross } = job;
  const log = path.join(setup.cache, 'logs', `kernel-${flavour}.log`);
  const common = [
    ...['-C', source.folder, `O=${path.join(folder, 'build')}`, 'ARCH=s390'],
    // Names and times of the machine are no part of a kernel that is to be the same everywhere.
    ...['KBUILD_BUILD_USER=ism', 'KBUILD_BUILD_HOST=lab', 'LOCALVERSION='],
    ...[`CROSS_COMPILE=${cross.prefix}`, ...tools.args],
  ];
  const env = {
    ...tools.env,
    PATH: `${path.dirname(cross.cc)}:${tools.env['PATH'] ?? process.env['PATH'] ?? ''}`,
  };
  // The lock is inherited by everything make starts: what an interrupted build has left running is waited for.
  const command = [path.join(folder, 'make.lock'), 'nice', '-n', '10', cross.make, ...common, ...args];
  await mustRun(`${purpose} the ${flavour} kernel`, 'flock', command, {
    env,
    log,
    ...(onLine ? { onLine } : {}),
  });
}

/** An option that the sources do not know, or whose dependencies are missing, is dropped by Kconfig without a word. */
function checkConfig(wanted: string, file: string): void {
  const config = readFileSync(file, 'utf8').split('\n');
  // Of an option that is given twice the last one counts.
  const asked = new Map<string, string>();
  for (const line of wanted.split('\n'))
    if (/^CONFIG_\w+=/.test(line)) asked.set(line.slice(0, line.indexOf('=')), line);
  const dropped = [...asked.values()].filter((line) => !config.includes(line));
  if (dropped.length)
    throw new SetupError(`These sources of Linux do not take ${dropped.join(', ')} (details: ${file}).`);
}

/** Says every tenth of the way how far it is. */
function progress(setup: SetupContext, flavour: BuiltFlavour): (line: string) => void {
  const total = expectedSteps[flavour];
  let steps = 0;
  let said = 0;
  return (line) => {
    if (!/^\s+(CC|AS|AR|LD)\s/.test(line)) return;
    steps++;
    const tenths = Math.min(9, Math.floor((steps * 10) / total));
    if (tenths === said) return;
    said = tenths;
    setup.say(`set-up:   ${tenths}0 % (${steps} files)`);
  };
}
