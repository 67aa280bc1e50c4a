import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { formatDeb822, type AptSource } from './aptSources';

export interface PrivateAptOptions {
  /** Folder for the index, the downloads and the configuration of this apt. */
  readonly folder: string;
  readonly sources: readonly AptSource[];
  /** Debian names of architectures; the first is that of this machine. */
  readonly architectures: readonly string[];
  /** The dpkg status that says what is installed already; an empty file when left out. */
  readonly status?: string;
  /** The suite that wins where several have a package; backports never win by themselves. */
  readonly preferredSuite?: string;
}

/**
 * Hooks of the machine's configuration that would act on the system. They are cleared because nothing of the system
 * changes: images for containers, for example, delete downloaded packages in DPkg::Post-Invoke.
 */
const hooks = [
  'APT::Update::Pre-Invoke',
  'APT::Update::Post-Invoke',
  'APT::Update::Post-Invoke-Success',
  'APT::Install::Pre-Invoke',
  'APT::Install::Post-Invoke-Success',
  'AptCli::Hooks',
  'DPkg::Pre-Invoke',
  'DPkg::Post-Invoke',
  'DPkg::Pre-Install-Pkgs',
];

/**
 * Writes the configuration of an apt that shares nothing with the machine's except proxies and credentials, and returns
 * the environment that makes apt-get use it.
 *
 * apt reads $APT_CONFIG first, then the folder Dir::Etc::parts, then Dir::Etc::main (apt.conf(5)), and later wins. So
 * the machine's own files are linked into a folder of ours, in which our file comes last.
 */
export function writeAptConfig(options: PrivateAptOptions): Record<string, string> {
  const { folder } = options;
  const at = (...names: string[]): string => path.join(folder, ...names);
  for (const name of ['lists/partial', 'archives/partial', 'empty']) mkdirSync(at(name), { recursive: true });
  rmSync(at('conf.d'), { recursive: true, force: true });
  mkdirSync(at('conf.d'));
  linkMachineConfig(at('conf.d'));
  writeFileSync(at('conf.d', '90ism-driver-tools'), overrides(options));
  writeChanged(at('apt.conf'), `Dir::Etc::parts "${at('conf.d')}";\nDir::Etc::main "/dev/null";\n`);
  writeChanged(at('debian.sources'), formatDeb822(options.sources));
  if (!options.status) writeChanged(at('status'), '');
  return { APT_CONFIG: at('apt.conf'), DEBIAN_FRONTEND: 'noninteractive' };
}

/** apt parses the whole index again when one of these files is newer than its cache. */
function writeChanged(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

function linkMachineConfig(folder: string): void {
  const environment = process.env['APT_CONFIG'];
  if (environment && existsSync(environment)) symlinkSync(environment, path.join(folder, '00environment'));
  const parts = '/etc/apt/apt.conf.d';
  if (existsSync(parts))
    for (const name of readdirSync(parts))
      symlinkSync(path.join(parts, name), path.join(folder, `10${name}`));
  if (existsSync('/etc/apt/apt.conf')) symlinkSync('/etc/apt/apt.conf', path.join(folder, '20main'));
}

function overrides({ folder, architectures, status, preferredSuite }: PrivateAptOptions): string {
  const settings: Record<string, string> = {
    'Dir::State': folder,
    'Dir::State::lists': path.join(folder, 'lists'),
    'Dir::State::status': status ?? path.join(folder, 'status'),
    'Dir::State::extended_states': path.join(folder, 'extended_states'),
    'Dir::Cache': folder,
    'Dir::Cache::archives': path.join(folder, 'archives'),
    // Some machines switch these files off to save space; without them each call of apt parses the whole index again.
    'Dir::Cache::pkgcache': 'pkgcache.bin',
    'Dir::Cache::srcpkgcache': '',
    'Dir::Etc::sourcelist': path.join(folder, 'debian.sources'),
    'Dir::Etc::sourceparts': path.join(folder, 'empty'),
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': path.join(folder, 'empty'),
    'APT::Architecture': architectures[0] ?? 'amd64',
    'APT::Install-Recommends': 'false',
    'APT::Install-Suggests': 'false',
    // Files are downloaded by the user who runs this; the user _apt may not even reach the cache folder.
    'APT::Sandbox::User': 'root',
    'APT::Update::Error-Mode': 'any',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    // Mirrors that are a snapshot have a Release file that the calendar says is too old.
    'Acquire::Check-Valid-Until': 'false',
    ...(preferredSuite ? { 'APT::Default-Release': preferredSuite } : {}),
  };
  return [
    ...hooks.map((name) => `#clear ${name};`),
    '#clear APT::Architectures;',
    ...architectures.map((name) => `APT::Architectures:: "${name}";`),
    ...Object.entries(settings).map(([name, value]) => `${name} "${value}";`),
    '',
  ].join('\n');
}
