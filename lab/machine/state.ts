import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SetupContext } from '../../setup/context';
import { tryLock, type Release } from '../../setup/lock';
import { SetupError } from '../../setup/setupError';
import { CpioArchive } from '../guest/cpio';
import { devUser } from '../guest/image';
import { newHostKey, newIdentity } from './keys';

/** What a guest has of its own in the folder of its lab. */
export interface GuestState {
  /** From 1. */
  readonly number: number;
  /** Its name for ssh, which is also its host name. */
  readonly alias: string;
  readonly consoleLog: string;
  readonly qemuLog: string;
  readonly initrd: string;
  /** The port of its last run is kept here. */
  readonly portFile: string;
  readonly hostKeyFile: string;
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
  /** The port of the last run, which ssh clients may have remembered. */
  readonly lastPort: number | undefined;
}

/** The folder of one lab: its keys, logs and sockets. Keys last as long as the folder. */
export interface LabState {
  readonly name: string;
  readonly folder: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly sshConfigFile: string;
  readonly storeLog: string;
  readonly deviceLog: string;
  readonly guests: readonly GuestState[];
  /** Gives the folder back, so that the next lab can have it. */
  readonly release: Release;
}

const temporaryPrefix = 'run-';
let counter = 0;

/**
 * Takes the folder of a lab and makes keys when it has none.
 * @param guests how many
 * @param name a lasting name; without one a folder that is removed when the lab stops
 * @throws SetupError when another lab of this name runs
 */
export async function openState(setup: SetupContext, guests: number, name?: string): Promise<LabState> {
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
    guests: Array.from({ length: guests }, (_, index) => guestState(at, index + 1)),
    release,
  };
  if (!existsSync(state.identityFile)) writeIdentity(state);
  // One earlier log is kept: what was stored yesterday may still be wanted.
  const logs = state.guests.flatMap(({ consoleLog, qemuLog }) => [consoleLog, qemuLog]);
  for (const file of [state.storeLog, state.deviceLog, ...logs])
    if (existsSync(file)) renameSync(file, `${file}.old`);
  writeFileSync(state.storeLog, '');
  return state;
}

function guestState(at: (file: string) => string, number: number): GuestState {
  const suffix = number === 1 ? '' : `-${number}`;
  return {
    number,
    alias: `ism-lab${suffix}`,
    consoleLog: at(`console${suffix}.log`),
    qemuLog: at(`qemu${suffix}.log`),
    initrd: at(`initrd${suffix}`),
    portFile: at(`port${suffix}`),
    hostKeyFile: at(`host_key${suffix}`),
    hostKey: hostKey(at(`host_key${suffix}`)),
    lastPort: lastPort(at(`port${suffix}`)),
  };
}

/** Gives the folder back; a temporary one is removed. */
export async function closeState(state: LabState, keep = false): Promise<void> {
  if (state.name.startsWith(temporaryPrefix) && !keep) rmSync(state.folder, { recursive: true, force: true });
  await state.release();
}

/** Writes what ssh clients need to reach the guests at ports of 127.0.0.1. */
export function writeSshFiles(
  state: LabState,
  ports: ReadonlyArray<{ readonly guest: GuestState; readonly port: number }>,
): void {
  for (const { guest, port } of ports) writeFileSync(guest.portFile, String(port));
  const known = ports.map(({ guest, port }) => `[127.0.0.1]:${port} ${guest.hostKey}\n`);
  writeFileSync(state.knownHostsFile, known.join(''));
  const hosts = ports.map(({ guest, port }) => {
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
    return `Host ${guest.alias}\n${lines.join('')}`;
  });
  writeFileSync(state.sshConfigFile, hosts.join('\n'));
}

/** Writes the initial file system of a guest: the common image, followed by an archive with this lab's keys. */
export function writeInitrd(state: LabState, guest: GuestState, image: string): void {
  const archive = new CpioArchive();
  const authorized = readFileSync(`${state.identityFile}.pub`);
  archive.file('etc/hostname', `${guest.alias}\n`);
  archive.file('etc/dropbear/host_key', readFileSync(guest.hostKeyFile), 0o600);
  archive.directory('root', 0o700);
  archive.directory('root/.ssh', 0o700);
  archive.file('root/.ssh/authorized_keys', authorized, 0o600);
  archive.directory('home/dev', 0o755, devUser);
  archive.directory('home/dev/.ssh', 0o700, devUser);
  archive.file('home/dev/.ssh/authorized_keys', authorized, 0o600, devUser);
  writeFileSync(guest.initrd, Buffer.concat([padded(readFileSync(image)), archive.finish()]));
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
