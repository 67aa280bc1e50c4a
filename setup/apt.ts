import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeAptConfig, type PrivateAptOptions } from './aptConfig';
import type { SetupContext } from './context';
import { failure, mustRun, run, type RunResult } from './run';
import { SetupError } from './setupError';

/** A package file that apt chose. */
export interface ChosenPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The file name in apt's spelling, in which a colon is %3a. It names the content: Debian never reuses a version. */
  readonly file: string;
  /** Size of the file in bytes. */
  readonly size: number;
}

/** A pool file was gone when it was asked for: the index is older than the archive. */
export class StaleIndexError extends SetupError {}

/** apt-get with an index and a status of its own. It needs no root and never touches the system. */
export class PrivateApt {
  private readonly log: string;
  private refreshed = false;

  constructor(
    private readonly setup: SetupContext,
    private readonly options: PrivateAptOptions,
  ) {
    this.log = path.join(setup.cache, 'logs', `${path.basename(options.folder)}.log`);
  }

  /** Where downloaded package files are until they are unpacked. */
  get archives(): string {
    return path.join(this.options.folder, 'archives');
  }

  /**
   * Downloads the package index unless there is one for the same sources.
   * @param force download it even then, but not twice in one run
   */
  async index(force: boolean): Promise<void> {
    const { folder, sources } = this.options;
    const stamp = path.join(folder, 'index.json');
    const wanted = JSON.stringify(sources);
    const there = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
    if (there && (!force || this.refreshed)) return;
    const from = [...new Set(sources.map(({ uri }) => uri))].join(' and ');
    this.setup.say(`set-up: reading the package index of ${suitesOf(sources)} from ${from}`);
    const result = await this.apt(['-q', 'update']);
    if (result.code !== 0) throw this.unreachable(from, result);
    writeFileSync(stamp, wanted);
    this.refreshed = true;
  }

  /** Chooses packages together with everything they depend on and that the status does not have. */
  async choose(packages: readonly string[]): Promise<ChosenPackage[]> {
    return this.uris('-y', 'install', ...packages);
  }

  /** Chooses just these packages, for those whose dependencies serve a purpose that is not ours. */
  async chooseAlone(packages: readonly string[]): Promise<ChosenPackage[]> {
    return packages.length ? this.uris('download', ...packages) : [];
  }

  /** The values of one field of all versions of a package that the index knows; empty when it knows none. */
  async show(name: string, field: string): Promise<string[]> {
    const result = await this.cache(['show', name]);
    return [...result.stdout.matchAll(new RegExp(`^${field}: (.*)$`, 'gm'))].map((match) => match[1] ?? '');
  }

  /** Names of packages that match an extended regular expression. */
  async names(pattern: string): Promise<string[]> {
    const result = await this.cache(['search', '--names-only', pattern]);
    return result.stdout.split('\n').flatMap((line) => line.split(' - ')[0]?.trim() || []);
  }

  /**
   * Downloads package files into the archives folder; apt checks their hashes.
   * @param what says in the progress what they are
   */
  async download(packages: readonly ChosenPackage[], what: string): Promise<void> {
    if (!packages.length) return;
    const total = packages.reduce((sum, { size }) => sum + size, 0);
    const count = packages.length === 1 ? '1 package' : `${packages.length} packages`;
    this.setup.say(`set-up: downloading ${what} (${count}, ${megabytes(total)}) into ${this.setup.cache}`);
    const heartbeat = setInterval(() => {
      const arrived = Math.min(total, this.arrived(packages));
      this.setup.say(`set-up:   ${megabytes(arrived)} of ${megabytes(total)}`);
    }, 10_000);
    try {
      const names = packages.map(({ name, version, architecture }) =>
        architecture === 'all' ? `${name}=${version}` : `${name}:${architecture}=${version}`,
      );
      const result = await this.apt(['-qq', 'download', ...names], this.archives);
      if (result.code === 0) return;
      const output = result.stderr + result.stdout;
      // An older index can also name a file whose content has changed meanwhile.
      if (/\b404\b|File not found|Failed to stat|Hash Sum mismatch|unexpected size/.test(output))
        throw new StaleIndexError(
          `Could not download ${what}: the mirror no longer has what its index names; run the command again in an hour (details: ${this.log}).`,
        );
      throw isNetwork(output)
        ? this.unreachable('the mirror', result)
        : failure(`download ${what}`, output, this.log);
    } finally {
      clearInterval(heartbeat);
    }
  }

  private arrived(packages: readonly ChosenPackage[]): number {
    const wanted = new Set(packages.map(({ file }) => file));
    return readdirSync(this.archives)
      .filter((file) => wanted.has(file))
      .reduce((sum, file) => sum + statSync(path.join(this.archives, file)).size, 0);
  }

  private async uris(...args: string[]): Promise<ChosenPackage[]> {
    // Packages that are in the current folder or in apt's archives are left out of the list, and an interrupted run
    // leaves some there. So both are an empty folder while packages are chosen.
    const empty = path.join(this.options.folder, 'empty');
    const result = await this.apt(
      ['-qq', '-o', `Dir::Cache::archives=${empty}`, '--print-uris', ...args],
      empty,
    );
    if (result.code !== 0) throw this.unavailable(args, result);
    return result.stdout.split('\n').flatMap(parsePrintedUri);
  }

  private apt(args: readonly string[], cwd?: string): Promise<RunResult> {
    const env = writeAptConfig(this.options);
    return run('apt-get', args, { env, log: this.log, ...(cwd ? { cwd } : {}) });
  }

  private async cache(args: readonly string[]): Promise<RunResult> {
    const env = writeAptConfig(this.options);
    return run('apt-cache', args, { env, log: this.log });
  }

  private unreachable(from: string, { stdout, stderr }: RunResult): SetupError {
    const output = stderr + stdout;
    if (/ have a Release file|no longer has a Release file|^\s+4\d\d\s/m.test(output))
      return new SetupError(
        `The mirror ${from} does not have ${suitesOf(this.options.sources)}; set ISM_DEBIAN_MIRROR to a mirror of the whole Debian archive (details: ${this.log}).`,
      );
    if (/NO_PUBKEY|not signed|signatures were invalid|EXPKEYSIG/.test(output))
      return new SetupError(
        `The package index from ${from} is not signed by a key this machine trusts; install debian-archive-keyring or set ISM_DEBIAN_MIRROR (details: ${this.log}).`,
      );
    if (/Mirror sync in progress|Hash Sum mismatch|unexpected size/.test(output))
      return new SetupError(
        `The mirror ${from} is in the middle of an update of ${suitesOf(this.options.sources)}; run the command again in an hour or set ISM_DEBIAN_MIRROR to another one (details: ${this.log}).`,
      );
    if (isNetwork(output))
      return new SetupError(
        `Could not reach ${from}; check the network and apt's proxy settings, or set ISM_DEBIAN_MIRROR to another mirror (details: ${this.log}).`,
      );
    return failure(`read the package index from ${from}`, output, this.log);
  }

  private unavailable(args: readonly string[], { stdout, stderr }: RunResult): SetupError {
    const output = stderr + stdout;
    const missing =
      /Unable to locate package (\S+)|Can't find a source to download version.*of '([^']+)'/.exec(output);
    if (missing)
      return new SetupError(
        `The package ${missing[1] ?? missing[2]} is not in ${suitesOf(this.options.sources)} (details: ${this.log}).`,
      );
    return failure(
      `choose the packages ${args
        .filter((arg) => /^[a-z0-9]/.test(arg))
        .slice(1)
        .join(' ')}`,
      output,
      this.log,
    );
  }
}

/** Unpacks a package file; files get the user who runs this as owner. */
export async function unpackPackage(setup: SetupContext, file: string, folder: string): Promise<void> {
  const log = path.join(setup.cache, 'logs', 'unpack.log');
  await mustRun(`unpack ${path.basename(file)}`, 'dpkg-deb', ['-x', file, folder], { log });
}

/** Parses a line of --print-uris: `'uri' file size hash`. Other lines give nothing. */
export function parsePrintedUri(line: string): ChosenPackage[] {
  const match = /^'[^']*' ((\S+)_(\S+)_(\S+)\.deb) (\d+)/.exec(line);
  if (!match) return [];
  const [, file = '', name = '', version = '', architecture = '', size = '0'] = match;
  return [{ name, version: version.replaceAll('%3a', ':'), architecture, file, size: Number(size) }];
}

function suitesOf(sources: PrivateAptOptions['sources']): string {
  return [...new Set(sources.flatMap(({ suites }) => suites))].join(', ');
}

function megabytes(bytes: number): string {
  return bytes < 10_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${Math.round(bytes / 1_000_000)} MB`;
}

function isNetwork(output: string): boolean {
  return /Could not resolve|Temporary failure|Could not connect|Cannot initiate|Connection (failed|timed out|refused)|Unable to connect|Network is unreachable|Failed to fetch|No system certificates|handshake/.test(
    output,
  );
}
