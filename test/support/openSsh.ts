/** Real OpenSSH on 127.0.0.1: servers with keys of their own, and the client to compare ours with. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { utils } from 'ssh2';
import type { HostProgram } from '../../setup/hostTools';

/** What the runner set up; ssh-keygen and ssh-agent are in the same folder as ssh. */
export function openSshTools(): { sshd: HostProgram; ssh: HostProgram } {
  const text = process.env['ISM_OPENSSH'];
  if (!text) throw new Error('ISM_OPENSSH is not set; run the tests with npm test');
  return JSON.parse(text) as { sshd: HostProgram; ssh: HostProgram };
}

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

/** A key pair on disk. */
export interface KeyPair {
  readonly file: string;
  /** `ssh-ed25519 AAAA...` */
  readonly line: string;
}

export function makeKey(
  folder: string,
  name: string,
  type: KeyType = 'ed25519',
  passphrase?: string,
): KeyPair {
  const bits = { ed25519: undefined, ecdsa: 256, rsa: 2048 }[type];
  const protect = passphrase ? { passphrase, cipher: 'aes256-ctr', rounds: 4 } : {};
  const pair = readablePair(type, { ...(bits ? { bits } : {}), ...protect });
  const file = path.join(folder, name);
  writeFileSync(file, pair.private, { mode: 0o600 });
  writeFileSync(`${file}.pub`, `${pair.public.trim()} ${name}\n`);
  return { file, line: pair.public.trim() };
}

/** ssh2 cannot read about one in 250 of the ed25519 keys that it makes itself: those are made again. */
export function readablePair(
  type: KeyType = 'ed25519',
  options: { bits?: number; passphrase?: string } = {},
): { private: string; public: string } {
  for (;;) {
    const pair = utils.generateKeyPairSync(type as 'rsa', options as { bits: number });
    if (!(utils.parseKey(pair.private, options.passphrase) instanceof Error)) return pair;
  }
}

export interface SshServer {
  readonly port: number;
  readonly hostKeys: readonly KeyPair[];
  stop(): Promise<void>;
}

/** Starts sshd for this process's own user. @param lines added to its configuration */
export async function startSshd(
  folder: string,
  authorized: readonly KeyPair[],
  hostKeyTypes: readonly KeyType[] = ['ed25519'],
  lines: readonly string[] = [],
): Promise<SshServer> {
  const { sshd } = openSshTools();
  const place = mkdtempSync(path.join(folder, 'sshd-'));
  const hostKeys = hostKeyTypes.map((type) => makeKey(place, `host_${type}`, type));
  writeFileSync(path.join(place, 'authorized_keys'), authorized.map(({ line }) => `${line}\n`).join(''));
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map(({ file }) => `HostKey ${file}`),
    `AuthorizedKeysFile ${path.join(place, 'authorized_keys')}`,
    'PermitRootLogin yes',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 100',
    ...partPaths(sshd.path),
    ...lines,
  ];
  writeFileSync(path.join(place, 'config'), config.join('\n') + '\n');
  // Started by root, sshd wants this empty folder for the part of it that has no rights.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(sshd.path, ['-D', '-e', '-f', path.join(place, 'config')], {
    env: { ...process.env, ...sshd.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString('utf8')));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  for (let tries = 0; !(await answers(port)); tries++) {
    if (child.exitCode !== null || tries > 100) throw new Error(`sshd did not start: ${errors}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { port, hostKeys, stop };
}

/** OpenSSH 9.8 and newer start programs of their own, at paths that were compiled in: one of a private root is told where they are. */
function partPaths(sshd: string): string[] {
  const folder = path.resolve(path.dirname(sshd), '..', 'lib', 'openssh');
  const keywords = { 'sshd-session': 'SshdSessionPath', 'sshd-auth': 'SshdAuthPath' };
  return Object.entries(keywords).flatMap(([name, keyword]) =>
    existsSync(path.join(folder, name)) ? [`${keyword} ${path.join(folder, name)}`] : [],
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Whether OpenSSH's own client logs in with these options. Nothing of the user's configuration applies. */
export function opensshLogsIn(host: string, port: number, options: readonly string[]): Promise<boolean> {
  const { ssh } = openSshTools();
  const args = [
    '-F',
    'none',
    '-o',
    'BatchMode=yes',
    '-o',
    'IdentitiesOnly=yes',
    ...options.flatMap((o) => ['-o', o]),
  ];
  const command = [...args, '-p', String(port), '-l', userInfo().username, host, 'true'];
  return new Promise((resolve) =>
    execFile(ssh.path, command, { env: { ...process.env, ...ssh.env }, timeout: 20_000 }, (error) =>
      resolve(!error),
    ),
  );
}

/** A real ssh-agent with these keys. */
export function startAgent(keys: readonly KeyPair[]): { socket: string; stop(): void } {
  const { ssh } = openSshTools();
  const socket = path.join(mkdtempSync(path.join(tmpdir(), 'ism-agent-')), 'agent');
  const program = (name: string): string => path.join(path.dirname(ssh.path), name);
  const env = { ...process.env, ...ssh.env, SSH_AUTH_SOCK: socket };
  const child = spawn(program('ssh-agent'), ['-D', '-a', socket], { env, stdio: 'ignore' });
  for (let tries = 0; ; tries++) {
    const added = spawnSync(program('ssh-add'), ['-q', ...keys.map(({ file }) => file)], {
      env,
      encoding: 'utf8',
    });
    if (added.status === 0) break;
    if (tries > 50) throw new Error(`ssh-agent did not take the keys: ${added.stderr}`);
    spawnSync('sleep', ['0.05']);
  }
  return {
    socket,
    stop: () => {
      child.kill('SIGTERM');
      rmSync(path.dirname(socket), { recursive: true, force: true });
    },
  };
}
