import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SetupContext } from '../setup/context';
import { tryLock, type Release } from '../setup/lock';
import { SetupError } from '../setup/setupError';
import { CpioArchive } from './guest/cpio';
import { devUser } from './guest/image';
import { newHostKey, newIdentity } from './keys';

/** The folder of one lab: its keys, logs and sockets. Keys last as long as the folder. */
export interface LabState {
  readonly name: string;
  readonly folder: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly sshConfigFile: string;
  readonly storeLog: string;
  readonly deviceLog: string;
  readonly consoleLog: string;
  readonly qemuLog: string;
  readonly initrd: string;
  /** `ssh-ed25519 AAAA...` of the guest. */
  readonly hostKey: string;
  /** The port of the last run, which ssh clients may have remembered. */
  readonly lastPort: number | undefined;
  /** Gives the folder back, so that the next lab can have it. */
  readonly release: Release;
}

const temporaryPrefix = 'run-';
let counter = 0;

/**
 * Takes the folder of a lab and makes keys when it has none.
 * @param name a lasting name; without one a folder that is removed when the lab stops
 * @throws SetupError when another lab of this name runs
 */
export async function openState(setup: SetupContext, name?: string): Promise<LabState> {
  await removeDeadRuns(setup);
  const own = name ?? `${temporaryPrefix}${process.pid}-${counter++}`;
  const release = await tryLock(setup, `lab-${own}`);
  if (!release)
    throw new SetupError(`A lab named '${own}' is running already; stop it, or give this one another name.`);
  const folder = path.join(setup.cache, 'labs', own);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (file: string): string => path.join(folder, file);
  const state: LabState = {
    name: own,
    folder,
    identityFile: at('identity'),
    knownHostsFile: at('known_hosts'),
    sshConfigFile: at('ssh_config'),
    storeLog: at('stores.jsonl'),
    deviceLog: at('device.log'),
    consoleLog: at('console.log'),
    qemuLog: at('qemu.log'),
    initrd: at('initrd'),
    hostKey: hostKey(at('host_key')),
    lastPort: lastPort(at('port')),
    release,
  };
  if (!existsSync(state.identityFile)) writeIdentity(state);
  // One earlier log is kept: what was stored yesterday may still be wanted.
  for (const file of [state.storeLog, state.deviceLog, state.consoleLog, state.qemuLog])
    if (existsSync(file)) renameSync(file, `${file}.old`);
  writeFileSync(state.storeLog, '');
  return state;
}

/** Gives the folder back; a temporary one is removed. */
export async function closeState(state: LabState, keep = false): Promise<void> {
  if (state.name.startsWith(temporaryPrefix) && !keep) rmSync(state.folder, { recursive: true, force: true });
  await state.release();
}

/** Writes what ssh clients need to reach the guest at a port of 127.0.0.1. */
export function writeSshFiles(state: LabState, port: number, alias: string): void {
  writeFileSync(path.join(state.folder, 'port'), String(port));
  writeFileSync(state.knownHostsFile, `[127.0.0.1]:${port} ${state.hostKey}\n`);
  const options = {
    HostName: '127.0.0.1',
    Port: String(port),
    User: 'root',
    IdentityFile: state.identityFile,
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: state.knownHostsFile,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
  };
  const lines = Object.entries(options).map(([name, value]) => `  ${name} ${value}\n`);
  writeFileSync(state.sshConfigFile, `Host ${alias}\n${lines.join('')}`);
}

/** Writes the initial file system of this lab: the common image, followed by an archive with this lab's keys. */
export function writeInitrd(state: LabState, image: string, hostName: string): void {
  const archive = new CpioArchive();
  const authorized = readFileSync(`${state.identityFile}.pub`);
  archive.file('etc/hostname', `${hostName}\n`);
  archive.file('etc/dropbear/host_key', readFileSync(path.join(state.folder, 'host_key')), 0o600);
  archive.directory('root', 0o700);
  archive.directory('root/.ssh', 0o700);
  archive.file('root/.ssh/authorized_keys', authorized, 0o600);
  archive.directory('home/dev', 0o755, devUser);
  archive.directory('home/dev/.ssh', 0o700, devUser);
  archive.file('home/dev/.ssh/authorized_keys', authorized, 0o600, devUser);
  writeFileSync(state.initrd, Buffer.concat([padded(readFileSync(image)), archive.finish()]));
}

/** The kernel looks for the next archive at a multiple of four bytes and skips zeros before it. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function writeIdentity(state: LabState): void {
  const identity = newIdentity(`ism-lab ${state.name}`);
  writeFileSync(`${state.identityFile}.pub`, `${identity.publicLine}\n`);
  writeFileSync(state.identityFile, identity.privateKey, { mode: 0o600 });
}

/** The public half of the guest's key, which is made at first use. */
function hostKey(file: string): string {
  if (!existsSync(`${file}.pub`)) {
    const key = newHostKey();
    writeFileSync(file, key.dropbear, { mode: 0o600 });
    writeFileSync(`${file}.pub`, `${key.publicLine}\n`);
  }
  return readFileSync(`${file}.pub`, 'utf8').trim();
}

function lastPort(file: string): number | undefined {
  const port = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return Number.isInteger(port) && port > 1023 && port < 65536 ? port : undefined;
}

/** Removes what runs that were killed could not remove. The kernel has released the locks of the dead. */
async function removeDeadRuns(setup: SetupContext): Promise<void> {
  const folder = path.join(setup.cache, 'labs');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(temporaryPrefix)) continue;
    const release = await tryLock(setup, `lab-${name}`);
    if (!release) continue;
    rmSync(path.join(folder, name), { recursive: true, force: true });
    for (const lock of ['', '.owner'])
      rmSync(path.join(setup.cache, 'locks', `lab-${name}${lock}`), { force: true });
    await release();
  }
}
