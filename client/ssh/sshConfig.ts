/**
 * What ssh_config says about a host. OpenSSH's own `ssh -G` answers where there is an ssh, because it is the
 * authority on Match, Include and defaults; the ssh-config package serves where there is none.
 */
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { parseDestination, type Destination } from './destination';
import { quotedFiles, splitFiles } from './fileList';
import { computeOptions, expandHome, splitWords } from './sshConfigFiles';
import { UserError } from '../base/userError';

/** Everything a connection needs to know about its host. Paths are absolute. */
export interface ResolvedHost {
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket path; undefined: the environment's agent; 'none': no agent. */
  readonly identityAgent: string | undefined;
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyAlias: string | undefined;
  /** Files of keys that are never accepted. */
  readonly revokedHostKeysFiles: readonly string[];
  /** A command that would print known_hosts lines; it is not run, and no host key can be judged without it. */
  readonly knownHostsCommand: string | undefined;
  readonly strictHostKeyChecking: 'yes' | 'ask' | 'accept-new';
  readonly connectTimeoutSeconds: number;
  readonly keepaliveSeconds: number;
  /** Unanswered keepalives after which the link counts as lost. */
  readonly keepaliveCount: number;
  /** Hosts to go through, in the order in which they are reached. */
  readonly jumps: readonly Destination[];
}

type Options = ReadonlyMap<string, readonly string[]>;

/**
 * Asks ssh (or, without one, the ssh-config package) what applies to a destination.
 *
 * @param configFile read instead of ~/.ssh/config, as `ssh -F` does
 * @throws UserError when the configuration cannot be read or asks for what this extension does not do yet
 */
export async function resolveHost(destination: Destination, configFile?: string): Promise<ResolvedHost> {
  const file = configFile ? expandHome(configFile) : undefined;
  const answered = await askSsh(destination, file);
  const options = answered ?? (await computeOptions(destination.host, file));
  return fromOptions(destination, options, answered !== undefined);
}

/** What `ssh -G` says; undefined where there is no ssh. */
async function askSsh(
  destination: Destination,
  configFile: string | undefined,
): Promise<Options | undefined> {
  const args = [
    '-G',
    ...(configFile ? ['-F', configFile] : []),
    ...(destination.user ? ['-l', destination.user] : []),
    ...(destination.port ? ['-p', String(destination.port)] : []),
    '--',
    destination.host,
  ];
  try {
    const { stdout } = await execFileAsync('ssh', args, { timeout: 10_000, maxBuffer: 1 << 20 });
    return parseDump(stdout);
  } catch (error) {
    if (!(error instanceof Error) || couldNotStart(error)) return undefined;
    const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
    throw new UserError(
      `The SSH configuration for '${destination.host}' cannot be used: ${lastLine(stderr) || 'ssh -G failed'}.`,
      stderr,
    );
  }
}

const execFileAsync = promisify(execFile);

/**
 * Whether a program did not run at all. Node says EACCES for one that is missing when a folder in PATH may not be entered, and
 * ENOTDIR, thrown at once, when one is a file.
 */
const couldNotStart = (error: Error & { syscall?: unknown }): boolean =>
  typeof error.syscall === 'string' && error.syscall.startsWith('spawn');

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim().replace(/\.$/, '') ?? '';

/** `ssh -G` prints one `keyword value` a line; some keywords repeat. */
function parseDump(text: string): Options {
  const options = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) append(options, line.slice(0, space), line.slice(space + 1).trim());
  }
  return options;
}

function append(options: Map<string, string[]>, key: string, value: string): void {
  const lower = key.toLowerCase();
  options.set(lower, [...(options.get(lower) ?? []), value]);
}

/** @param fromSsh whether `ssh -G` printed the options; otherwise they stand as in the file, quotes included */
function fromOptions(destination: Destination, options: Options, fromSsh: boolean): ResolvedHost {
  const first = (key: string): string | undefined => options.get(key)?.[0];
  const proxyCommand = first('proxycommand');
  if (proxyCommand && proxyCommand !== 'none')
    throw new UserError(
      `The SSH configuration reaches '${destination.host}' through a ProxyCommand, which this extension does not run; use ProxyJump.`,
    );
  // ssh -G prints several files on one line, with neither quotes nor anything else around blanks in their names.
  const files = (key: string, fallback: string[]): string[] =>
    (options.get(key) ?? fallback)
      .flatMap((value) => (fromSsh ? splitFiles(value, key) : quotedFiles(value, key)))
      .filter((value) => value.toLowerCase() !== 'none')
      .map(expandHome);
  const hostName = first('hostname') ?? destination.host;
  return {
    hostName,
    port: destination.port ?? number(first('port'), 22),
    user: destination.user ?? first('user') ?? userInfo().username,
    identityFiles: (options.get('identityfile') ?? ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'])
      .map((value) => (fromSsh ? value : (splitWords(value)[0] ?? value)))
      .filter((value) => value !== 'none')
      .map(expandHome),
    identitiesOnly: first('identitiesonly') === 'yes',
    identityAgent: agentSocket(first('identityagent')),
    knownHostsFiles: [
      ...files('userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
      ...files('globalknownhostsfile', ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
    ],
    hostKeyAlias: first('hostkeyalias'),
    revokedHostKeysFiles: files('revokedhostkeys', []),
    knownHostsCommand: none(first('knownhostscommand')),
    strictHostKeyChecking: strictness(first('stricthostkeychecking')),
    connectTimeoutSeconds: number(first('connecttimeout'), 15),
    // ssh's own default, 0, is off: a link that died unseen would leave stores waiting for an answer for ever.
    keepaliveSeconds: number(first('serveraliveinterval'), 15),
    keepaliveCount: number(first('serveralivecountmax'), 3),
    jumps: readJumps(first('proxyjump')),
  };
}

/** `none` is kept; SSH_AUTH_SOCK and an absent value mean the environment's agent; `$NAME` is an environment variable. */
function agentSocket(value: string | undefined): string | undefined {
  if (value === undefined || value === 'SSH_AUTH_SOCK' || value === '') return undefined;
  if (value === 'none') return value;
  return value.startsWith('$') ? process.env[value.slice(1)] : expandHome(value);
}

/**
 * `no` and `off` would accept any key in silence. They are treated as `ask`: a wrong host is not only a
 * password risk here, a store sent to it writes into somebody's memory.
 */
function strictness(value: string | undefined): ResolvedHost['strictHostKeyChecking'] {
  if (value === 'yes' || value === 'true') return 'yes';
  return value === 'accept-new' ? 'accept-new' : 'ask';
}

const none = (value: string | undefined): string | undefined =>
  value === undefined || value === '' || value.toLowerCase() === 'none' ? undefined : value;

function number(value: string | undefined, fallback: number): number {
  const n = Number(value);
  return value !== undefined && Number.isInteger(n) && n > 0 ? n : fallback;
}

/** ProxyJump's list, `user@host:port,...`; `none` is no jump. */
function readJumps(value: string | undefined): Destination[] {
  if (!value || value.toLowerCase() === 'none') return [];
  return value.split(',').map((hop) => parseDestination(hop));
}
