import { existsSync } from 'node:fs';
import path from 'node:path';
import { StaleIndexError, type ChosenPackage, type PrivateApt } from './apt';
import { artefact, contentKey, readRecord, writeRecord } from './artefact';
import type { SetupContext } from './context';
import { withLock } from './lock';
import { fillStore, linkPackage, storedPackage } from './packageStore';
import { relocateLinks, type RootPlace } from './relocate';
import type { World } from './worlds';

/** The packages that a root is made of. */
export interface RootPlan {
  /** Taken with all they depend on. Names may carry an architecture: `libc6:s390x`. */
  readonly packages: readonly string[];
  /** Taken without their dependencies. */
  readonly alone?: readonly string[];
  /** Chosen packages that are left out again. */
  readonly without?: (chosen: ChosenPackage) => boolean;
  /** What the index said and the user of the root must know, for example the kernel's release. */
  readonly facts?: Readonly<Record<string, string>>;
}

export interface RootRequest {
  /** Names the folder; letters, digits and dashes. */
  readonly name: string;
  /** Completes the sentence "downloading ...". */
  readonly what: string;
  readonly world: World;
  /** Asks the index what to take. It runs only when the cache has no answer. */
  readonly plan: (apt: PrivateApt) => Promise<RootPlan> | RootPlan;
  /** Changes the root after it was put together, for example wraps its programs. */
  readonly finish?: (place: RootPlace) => Promise<void> | void;
  /** Counts changes of `plan` and `finish`, so that caches made by an older version of them are not used. */
  readonly recipe: number | string;
}

export interface PrivateRoot {
  readonly folder: string;
  readonly facts: Readonly<Record<string, string>>;
  /** Version of each package, by name and architecture as in `libc6:s390x`. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Requests that were refreshed in this run, so that `refresh` asks once for each. */
const refreshed = new Set<string>();

/**
 * Returns a folder that holds the files of packages as `/` would, from the cache when it is there. Nothing of the
 * system changes, and no root is needed.
 * @throws SetupError when the packages cannot be had
 */
export async function privateRoot(setup: SetupContext, request: RootRequest): Promise<PrivateRoot> {
  const { name, world, recipe } = request;
  const record = path.join(setup.cache, 'roots', `${name}.${world.name}.${recipe}.json`);
  const current = (): PrivateRoot | undefined => {
    if (setup.refresh && !refreshed.has(record)) return undefined;
    const known = readRecord<Omit<PrivateRoot, 'folder'> & { key: string }>(record);
    const folder = known && path.join(setup.cache, 'roots', `${name}-${known.key}`);
    return folder && existsSync(folder)
      ? { folder, facts: known.facts, versions: known.versions }
      : undefined;
  };
  const there = current();
  if (there) return there;
  return withLock(setup, `root-${name}`, async () => {
    const made = current();
    if (made) return made;
    const { chosen, facts } = await world.withApt(setup, (apt) => fetchPlan(setup, request, apt));
    const versions = Object.fromEntries(
      chosen.map((one) => [`${one.name}:${one.architecture}`, one.version] as const),
    );
    const key = contentKey({ files: chosen.map(({ file }) => file).sort(), recipe });
    const folder = await artefact(setup, path.join('roots', `${name}-${key}`), async (temporary, final) => {
      for (const one of chosen) linkPackage(storedPackage(setup, one), temporary);
      const place = { temporary, final };
      relocateLinks(place);
      await request.finish?.(place);
    });
    writeRecord(record, { key, facts, versions });
    if (setup.refresh) refreshed.add(record);
    return { folder, facts, versions };
  });
}

async function fetchPlan(
  setup: SetupContext,
  request: RootRequest,
  apt: PrivateApt,
): Promise<{ chosen: ChosenPackage[]; facts: Readonly<Record<string, string>> }> {
  const attempt = async () => {
    const plan = await request.plan(apt);
    const all = [
      ...(plan.packages.length ? await apt.choose(plan.packages) : []),
      ...(await apt.chooseAlone(plan.alone ?? [])),
    ];
    const unique = new Map(all.filter((one) => !plan.without?.(one)).map((one) => [one.file, one]));
    const chosen = [...unique.values()];
    await fillStore(setup, apt, chosen, request.what);
    return { chosen, facts: plan.facts ?? {} };
  };
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof StaleIndexError)) throw error;
    setup.say('set-up: the archive has moved since its index was read');
    await apt.index(true);
    return attempt();
  }
}
