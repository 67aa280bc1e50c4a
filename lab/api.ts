import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openSetup, type SetupContext } from '../setup/context';
import { qemuForS390 } from '../setup/qemu';
import { SetupError } from '../setup/setupError';
import { startChild, stopChild } from './child';
import { parseStoreLog, type StoreRecord } from './device/stores/storeRecord';
import { guestImage } from './guest/image';
import { startMachine, type FunctionPlace } from './machine';
import { projectFile } from './projectFile';
import { waitForSsh } from './ready';
import { closeState, openState, writeInitrd, writeSshFiles, type LabState } from './state';

export interface LabOptions {
  /** Where the cache is and where progress goes; default: openSetup(). */
  readonly setup?: SetupContext;
  /** A lasting name, under which keys and port are the same in the next run; default: none, all is removed at the end. */
  readonly name?: string;
  /** MiB of the guest's memory; default 256. */
  readonly memory?: number;
  /** Seconds the guest may take until ssh answers; default 180, since other work may keep the processors busy. */
  readonly bootLimit?: number;
}

/** A simulated s390 host with an ISM function that is running. Servers listen on 127.0.0.1 only. */
export interface Lab {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Logs in with the same key as the unprivileged user `dev`. */
  readonly user: 'root';
  readonly identityFile: string;
  /** Holds the guest's real host key for [127.0.0.1]:port. */
  readonly knownHostsFile: string;
  /** For `ssh -F`; its only host is `alias`. */
  readonly sshConfigFile: string;
  readonly alias: string;
  /** PCI address of the function in the guest. */
  readonly bdf: string;
  /** What `uname -r` says in the guest. */
  readonly kernelRelease: string;
  /** JSON lines, one StoreRecord each. */
  readonly storeLog: string;
  readonly consoleLog: string;
  readonly deviceLog: string;
  /** All stores until now. A store is in the log about 0.1 s after its last piece came. */
  readStores(): StoreRecord[];
  /** Resolves with the first store after the first `from` ones that fulfils a condition; rejects after some seconds. */
  waitForStore(
    condition: (store: StoreRecord) => boolean,
    from?: number,
    seconds?: number,
  ): Promise<StoreRecord>;
  /** Process ids of what was started, QEMU first. */
  readonly pids: readonly number[];
  /** Resolves when the guest ends by itself or is stopped. */
  readonly ended: Promise<void>;
  /** Ends everything that was started and waits until it is gone. Calling it again does nothing. */
  stop(): Promise<void>;
}

export type { StoreRecord } from './device/stores/storeRecord';

const alias = 'ism-lab';
const functions: readonly FunctionPlace[] = [{ name: 'ism0', uid: 0x51, fid: 0x61 }];

/** PCI addresses on s390 take the UID as domain when UIDs are unique (arch/s390/pci/pci_bus.c). */
function bdfOf({ uid }: FunctionPlace): string {
  return `${uid.toString(16).padStart(4, '0')}:00:00.0`;
}

/**
 * Provides what is missing on this machine, starts a lab and waits until ssh answers.
 * @throws SetupError with one sentence when that is not possible
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const setup = options.setup ?? openSetup();
  const qemu = await qemuForS390(setup);
  const image = await guestImage(setup);
  const state = await openState(setup, options.name);
  const children: Array<ReturnType<typeof startChild>> = [];
  const stopAll = async (): Promise<void> => {
    for (const child of [...children].reverse()) await stopChild(child);
  };
  try {
    writeInitrd(state, image.initramfs, alias);
    children.push(await startDevice(state));
    const memory = options.memory ?? 256;
    const machine = await startMachine({ state, qemu, image, functions, memory });
    children.push(machine.process);
    writeSshFiles(state, machine.port, alias);
    const ended = new Promise<void>((resolve) => machine.process.once('exit', () => resolve()));
    await waitForSsh(machine, state, options.bootLimit ?? 180);
    let stopping: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopping ??= stopAll().then(() => closeState(state)));
    return {
      host: '127.0.0.1',
      port: machine.port,
      user: 'root',
      identityFile: state.identityFile,
      knownHostsFile: state.knownHostsFile,
      sshConfigFile: state.sshConfigFile,
      alias,
      bdf: functions.map(bdfOf)[0] ?? '',
      kernelRelease: image.kernel.release,
      storeLog: state.storeLog,
      consoleLog: state.consoleLog,
      deviceLog: state.deviceLog,
      readStores: () => readStores(state.storeLog),
      waitForStore: (condition, from, seconds) => waitForStore(state.storeLog, condition, from, seconds),
      pids: [...children].reverse().flatMap((child) => child.pid ?? []),
      ended,
      stop,
    };
  } catch (error) {
    await stopAll();
    // What went wrong is in the logs of the folder, so it stays.
    await closeState(state, true);
    throw error;
  }
}

/** Starts the process that holds the functions and waits until their sockets are there. */
async function startDevice(state: LabState): Promise<ReturnType<typeof startChild>> {
  const program = projectFile('dist/tools/lab-device.js');
  const sockets = functions.map(({ name }) => `${name}=${name}.sock`);
  const args = [program, '--store-log', path.basename(state.storeLog), ...sockets];
  const child = startChild(process.execPath, args, {
    cwd: state.folder,
    log: state.deviceLog,
    stdout: 'pipe',
  });
  const ready = await new Promise<boolean>((resolve) => {
    child.stdout?.once('data', () => resolve(true));
    child.once('exit', () => resolve(false));
    child.once('error', () => resolve(false));
  });
  if (!ready) throw new SetupError(`The simulated ISM function did not start (details: ${state.deviceLog}).`);
  return child;
}

function readStores(file: string): StoreRecord[] {
  return parseStoreLog(readFileSync(file, 'utf8'));
}

async function waitForStore(
  file: string,
  condition: (store: StoreRecord) => boolean,
  from = 0,
  seconds = 10,
): Promise<StoreRecord> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const stores = readStores(file);
    const found = stores.slice(from).find(condition);
    if (found) return found;
    if (Date.now() > end)
      throw new Error(
        `No store in ${file} fits; ${stores.length - from} came: ${JSON.stringify(stores.slice(from))}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
