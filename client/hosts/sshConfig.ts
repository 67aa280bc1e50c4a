/**
 * What ssh_config says about a host. OpenSSH's own `ssh -G` answers where there is an ssh, because it is the
 * authority on Match, Include and defaults; the ssh-config package serves where there is none.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import SSHConfig from 'ssh-config';
import type { Destination } from './destination';
import { UserError } from './userError';

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
  readonly strictHostKeyChecking: 'yes' | 'ask' | 'accept-new';
  readonly connectTimeoutSeconds: number;
  readonly keepaliveSeconds: number;
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
  const options = (await askSsh(destination, file)) ?? (await askPackage(destination, file));
  return fromOptions(destination, options);
}

function askSsh(destination: Destination, configFile: string | undefined): Promise<Options | undefined> {
  const args = [
    '-G',
    ...(configFile ? ['-F', configFile] : []),
    ...(destination.user ? ['-l', destination.user] : []),
    ...(destination.port ? ['-p', String(destination.port)] : []),
    '--',
    destination.host,
  ];
  return new Promise((resolve, reject) => {
    execFile('ssh', args, { timeout: 10_000, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      if (!error) resolve(parseDump(stdout));
      else if ((error as NodeJS.ErrnoException).code === 'ENOENT') resolve(undefined);
      else
        reject(
          new UserError(
            `The SSH configuration for '${destination.host}' cannot be used: ${lastLine(stderr) || 'ssh -G failed'}.`,
            stderr,
          ),
        );
    });
  });
}

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

async function askPackage(destination: Destination, configFile: string | undefined): Promise<Options> {
  const file = configFile ?? path.join(homedir(), '.ssh', 'config');
  let text = '';
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (configFile || (error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new UserError(`The SSH configuration ${file} cannot be read; check the file.`, String(error));
  }
  const options = new Map<string, string[]>();
  try {
    const computed = SSHConfig.parse(text).compute(destination.host, { ignoreCase: true });
    for (const [key, value] of Object.entries(computed))
      for (const item of Array.isArray(value) ? value : [value]) append(options, key, item);
  } catch (error) {
    throw new UserError(
      `The SSH configuration ${file} cannot be understood; correct the file.`,
      String(error),
    );
  }
  return options;
}

function fromOptions(destination: Destination, options: Options): ResolvedHost {
  const first = (key: string): string | undefined => options.get(key)?.[0];
  const jump = first('proxyjump') ?? first('proxycommand');
  if (jump && jump !== 'none')
    throw new UserError(
      `'${destination.host}' is reached through a jump host or proxy command, which this version cannot do yet.`,
    );
  const files = (key: string, fallback: string[]): string[] =>
    (options.get(key) ?? fallback)
      .flatMap((value) => splitWords(value))
      .filter((value) => value !== 'none')
      .map(expandHome);
  const hostName = first('hostname') ?? destination.host;
  return {
    hostName,
    port: destination.port ?? number(first('port'), 22),
    user: destination.user ?? first('user') ?? userInfo().username,
    identityFiles: (options.get('identityfile') ?? ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa'])
      .map((value) => splitWords(value)[0] ?? value)
      .filter((value) => value !== 'none')
      .map(expandHome),
    identitiesOnly: first('identitiesonly') === 'yes',
    identityAgent: agentSocket(first('identityagent')),
    knownHostsFiles: [
      ...files('userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
      ...files('globalknownhostsfile', ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
    ],
    hostKeyAlias: first('hostkeyalias'),
    strictHostKeyChecking: strictness(first('stricthostkeychecking')),
    connectTimeoutSeconds: number(first('connecttimeout'), 15),
    keepaliveSeconds: number(first('serveraliveinterval'), 15),
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

function number(value: string | undefined, fallback: number): number {
  const n = Number(value);
  return value !== undefined && Number.isInteger(n) && n > 0 ? n : fallback;
}

/** Splits at blanks; double quotes keep them, as in ssh_config. */
function splitWords(value: string): string[] {
  return [...value.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '');
}

/** `~` and `%d` are the user's home; nothing else in a path is expanded. */
function expandHome(file: string): string {
  return path.resolve(file.replace(/^~(?=\/|$)|%d/g, homedir()));
}
