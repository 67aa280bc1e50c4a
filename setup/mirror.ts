import { existsSync, readFileSync } from 'node:fs';
import { readAptSources, type AptSource } from './aptSources';
import { SetupError } from './setupError';

/** What the machine says about itself, as far as choosing packages needs it. See os-release(5). */
export interface Machine {
  /** 'debian', 'ubuntu', ... */
  readonly id: string;
  /** 'bookworm', ...; empty when the system does not say. */
  readonly codename: string;
  readonly sources: readonly AptSource[];
}

/** Names under which the Debian archive publishes suites; third parties use 'stable' and codenames, too. */
const debianSuites = /^(sid|unstable|testing|stable|oldstable|buster|bullseye|bookworm|trixie|forky|duke)$/;

const keyrings = [
  '/usr/share/keyrings/debian-archive-keyring.pgp',
  '/usr/share/keyrings/debian-archive-keyring.gpg',
];

export function thisMachine(): Machine {
  let text = '';
  try {
    text = readFileSync('/etc/os-release', 'utf8');
  } catch {
    // Without os-release nothing is known, which the callers can cope with.
  }
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? '';
  return { id: field('ID'), codename: field('VERSION_CODENAME'), sources: readAptSources() };
}

/**
 * The Debian main archive: $ISM_DEBIAN_MIRROR, else what the machine itself uses. Its suites are left out, since the
 * caller wants its own.
 * @throws SetupError when there is none
 */
export function debianMirror(
  machine: Machine = thisMachine(),
  env: NodeJS.ProcessEnv = process.env,
): Pick<AptSource, 'uri' | 'options'> {
  const chosen = env['ISM_DEBIAN_MIRROR'];
  if (chosen) return { uri: chosen, options: withArchiveKeyring({}) };
  const best = bestSource(machine);
  if (!best)
    throw new SetupError(
      'No Debian mirror was found in /etc/apt/sources.list or /etc/apt/sources.list.d; set ISM_DEBIAN_MIRROR to the address of one (the folder that holds dists/ and pool/).',
    );
  return { uri: best.uri, options: withArchiveKeyring(best.options) };
}

/**
 * The sources that the machine's own packages come from: its release with updates and security fixes, and no third
 * parties, whose packages could replace Debian's.
 */
export function machineSources(
  machine: Machine = thisMachine(),
  env: NodeJS.ProcessEnv = process.env,
): AptSource[] {
  const { codename } = machine;
  const best = bestSource(machine)?.uri;
  const own = machine.sources.flatMap((source) => {
    const suites = source.suites.filter(
      (suite) =>
        suite === codename ||
        suite === `${codename}/updates` ||
        new RegExp(`^${codename}-(updates|security|proposed-updates)$`).test(suite) ||
        (source.uri === best && debianSuites.test(suite)),
    );
    return codename && suites.length && source.components.includes('main') ? [{ ...source, suites }] : [];
  });
  if (own.length && !env['ISM_DEBIAN_MIRROR']) return own;
  if (machine.id === 'debian' && codename)
    return [
      {
        ...debianMirror(machine, env),
        suites: [codename, `${codename}-updates`],
        components: ['main'],
      },
      ...own.filter((source) => source.suites.some((suite) => /security|\/updates/.test(suite))),
    ];
  throw new SetupError(
    'The packages of this machine come from no source that could be found in /etc/apt; install what is missing with its own package manager.',
  );
}

/** The source that looks most like the main archive; other systems than Debian must list its real suites. */
function bestSource(machine: Machine): AptSource | undefined {
  const [best] = machine.sources
    .map((source) => ({ source, score: likeness(source, machine) }))
    .filter(({ score }) => score >= (machine.id === 'debian' ? 1 : 5))
    .sort((a, b) => b.score - a.score);
  return best?.source;
}

/** How much a source looks like the Debian main archive: 0 not at all. Host names are no evidence. */
function likeness(source: AptSource, machine: Machine): number {
  if (!source.components.includes('main') || !source.suites.some((suite) => debianSuites.test(suite)))
    return 0;
  if (/debian-security|debian-ports|debian-debug/.test(source.uri)) return 0;
  let score = 1;
  // Third parties publish 'stable main' often, the machine's own codename together with its updates never.
  if (machine.id === 'debian' && source.suites.includes(machine.codename)) score += 4;
  if (/debian-archive/.test(source.options['signed-by'] ?? '')) score += 4;
  if (/\/debian\/?$/.test(source.uri)) score += 2;
  const sameUri = machine.sources.filter(({ uri }) => uri === source.uri);
  if (sameUri.some(({ suites }) => suites.some((suite) => suite.endsWith('-updates')))) score += 3;
  return score;
}

/** Trusts the keys of Debian's archive beside those the machine names, since newer suites have newer keys. */
function withArchiveKeyring(options: AptSource['options']): AptSource['options'] {
  const own = options['signed-by'] ?? '';
  const archive = keyrings.find((file) => existsSync(file));
  const rest = Object.fromEntries(
    Object.entries(options).filter(([name]) => name !== 'signed-by' && name !== 'architectures'),
  );
  if (own.includes('-----BEGIN')) return { ...rest, 'signed-by': own };
  const all = [...new Set([...own.split(/\s+/), ...(archive ? [archive] : [])])].filter(Boolean);
  return all.length ? { ...rest, 'signed-by': all.join(' ') } : rest;
}
