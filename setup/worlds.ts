import path from 'node:path';
import { PrivateApt } from './apt';
import type { PrivateAptOptions } from './aptConfig';
import type { AptSource } from './aptSources';
import { readRecord, writeRecord } from './artefact';
import type { SetupContext } from './context';
import { withLock } from './lock';
import { debianMirror, machineSources, thisMachine } from './mirror';
import { SetupError } from './setupError';

/** Where packages come from: what a private apt is configured with. */
export interface World {
  /** Names folders and locks of the cache. */
  readonly name: string;
  /** Runs `work` with this world's apt and its lock, with an index that is there. */
  withApt<T>(setup: SetupContext, work: (apt: PrivateApt) => Promise<T>): Promise<T>;
}

/** Suites that can serve the lab, best first. The first that has a new enough QEMU and a kernel is taken. */
const labSuites: readonly (readonly string[])[] = [['forky'], ['trixie-backports', 'trixie']];

/** The device `vfio-user-pci` exists since this release of QEMU (its docs/about/removed-features and changelog 10.1). */
const oldestQemu = [10, 1] as const;

/** A private apt is one per process, so that its index is refreshed at most once in a run. */
const apts = new Map<string, PrivateApt>();

function aptFor(
  setup: SetupContext,
  name: string,
  options: (folder: string) => PrivateAptOptions,
): PrivateApt {
  const folder = path.join(setup.cache, 'apt', name);
  const known = apts.get(folder) ?? new PrivateApt(setup, options(folder));
  apts.set(folder, known);
  return known;
}

function archive(suites: readonly string[]): AptSource[] {
  return [{ ...debianMirror(), suites, components: ['main'] }];
}

/** Debian's newest suites with nothing installed: everything comes from there, the C library included. */
export const labWorld: World = {
  name: 'lab',
  async withApt(setup, work) {
    return withLock(setup, 'apt-lab', async () => work(await labApt(setup)));
  },
};

async function labApt(setup: SetupContext): Promise<PrivateApt> {
  const record = path.join(setup.cache, 'apt', 'lab-suites.json');
  const remembered = setup.refresh ? undefined : readRecord<string[]>(record);
  let reason: unknown;
  for (const suites of remembered ? [remembered] : labSuites) {
    const apt = aptFor(setup, `lab-${suites[0]}`, (folder) => ({
      folder,
      sources: archive(suites),
      architectures: ['amd64', 's390x'],
      preferredSuite: suites[0] ?? '',
    }));
    try {
      await apt.index(setup.refresh);
      const problem = remembered ? undefined : await whyUnfit(apt);
      if (!problem) {
        writeRecord(record, suites);
        return apt;
      }
      setup.say(`set-up: ${suites.join(' + ')} cannot serve the lab: ${problem}`);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      reason ??= error;
    }
  }
  throw reason instanceof SetupError
    ? reason
    : new SetupError(
        `None of the suites ${labSuites.flat().join(', ')} of this mirror has QEMU ${oldestQemu.join('.')} or newer and a kernel for s390x; set ISM_DEBIAN_MIRROR to a mirror that is up to date.`,
      );
}

/** Says why a suite cannot serve the lab, or undefined when it can. */
async function whyUnfit(apt: PrivateApt): Promise<string | undefined> {
  const versions = await apt.show('qemu-system-s390x', 'Version');
  const fit = versions.some((version) => {
    const [major = 0, minor = 0] = version.replace(/^\d+:/, '').split('.').map(Number);
    return major > oldestQemu[0] || (major === oldestQemu[0] && minor >= oldestQemu[1]);
  });
  if (!fit) return `its QEMU is ${versions.join(' or ') || 'missing'}`;
  const kernels = await apt.names('^linux-image-[0-9].*-s390x$');
  return kernels.length ? undefined : 'it has no kernel for s390x';
}

/** One suite of the Debian archive with nothing installed, for packages whose release matters, such as kernel sources. */
export function suiteWorld(suite: string): World {
  return {
    name: suite,
    async withApt(setup, work) {
      return withLock(setup, `apt-${suite}`, async () => {
        const apt = aptFor(setup, suite, (folder) => ({
          folder,
          sources: archive([suite]),
          architectures: ['amd64'],
        }));
        await apt.index(setup.refresh);
        return work(apt);
      });
    },
  };
}

/** The machine's own release, minus what is installed already: its packages run with the machine's own libraries. */
export const hostWorld: World = {
  /** Roots of an older release are of no use after the machine was upgraded. */
  get name() {
    return `host-${thisMachine().codename || 'unknown'}`;
  },
  async withApt(setup, work) {
    return withLock(setup, 'apt-host', async () => {
      const apt = aptFor(setup, 'host', (folder) => ({
        folder,
        sources: machineSources(),
        architectures: ['amd64'],
        status: '/var/lib/dpkg/status',
      }));
      await apt.index(setup.refresh);
      return work(apt);
    });
  },
};
