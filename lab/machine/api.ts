import path from 'node:path';
import { openSetup, type SetupContext } from '../../setup/context';
import { qemuForS390 } from '../../setup/qemu';
import { SetupError } from '../../setup/setupError';
import { stopChild } from './child';
import type { DeviceRequest } from '../device/requests';
import type { StoreRecord } from '../device/stores/storeRecord';
import { DeviceProcess } from './deviceProcess';
import { writeDriverBuild } from './driverBuild';
import { guestImage } from '../guest/image';
import { kernelFlavours, type KernelFlavour } from '../kernel/flavour';
import {
  functionDevices,
  lanAddress,
  startMachine,
  type FunctionPlace,
  type LabMode,
  type Machine,
} from './machine';
import { waitForSsh } from './ready';
import { closeState, openState, writeInitrd, writeSshFiles } from './state';
import { readStores, waitForStore } from './storeLog';

export interface LabOptions {
  /** Where the cache is and where progress goes; default: openSetup(). */
  readonly setup?: SetupContext;
  /** A lasting name, under which keys and port are the same in the next run; default: none, all is removed at the end. */
  readonly name?: string;
  /** How stores reach the functions; default: whole. */
  readonly mode?: LabMode;
  /** Which kernel the guests run; default: $ISM_LAB_KERNEL, else debian, which needs no building. */
  readonly kernel?: KernelFlavour;
  /** How many guests, 1 to 8; default 1. */
  readonly guests?: number;
  /** How many functions each guest has, 1 to 16; default 1. */
  readonly functions?: number;
  /** MiB of each guest's memory; default 256, for the debug kernel 512. */
  readonly memory?: number;
  /** Seconds the guests may take until ssh answers; default 180, since other work may keep the processors busy. */
  readonly bootLimit?: number;
}

export interface LabFunction {
  /** Name in this lab, for example ism0. */
  readonly name: string;
  /** Number of the guest it is in, from 1. */
  readonly guest: number;
  /** PCI address in that guest. */
  readonly bdf: string;
  readonly uid: number;
  readonly fid: number;
}

export interface LabGuest {
  /** From 1. */
  readonly number: number;
  /** Its host in the file for `ssh -F`. */
  readonly alias: string;
  /** Of 127.0.0.1. */
  readonly port: number;
  /** Its address in the segment that the guests share. */
  readonly address: string;
  readonly consoleLog: string;
  /** Process id of its QEMU. */
  readonly pid: number;
}

/** Simulated s390 hosts with ISM functions that are running. Servers listen on 127.0.0.1 only. */
export interface Lab {
  readonly host: '127.0.0.1';
  /** Of the first guest; so are `alias`, `bdf` and `consoleLog`. */
  readonly port: number;
  /** Logs in with the same key as the unprivileged user `dev`. */
  readonly user: 'root';
  readonly identityFile: string;
  /** Holds the guests' real host keys for [127.0.0.1]:port. */
  readonly knownHostsFile: string;
  /** For `ssh -F`; its hosts are the aliases of the guests. */
  readonly sshConfigFile: string;
  readonly alias: string;
  /** How drivers for the guests are built (protocol/driverBuild.ts). */
  readonly driverBuildFile: string;
  /** PCI address of the first function in the first guest. */
  readonly bdf: string;
  /** What `uname -r` says in the guests. */
  readonly kernelRelease: string;
  readonly kernel: KernelFlavour;
  readonly mode: LabMode;
  /** Folder of keys, logs and sockets. */
  readonly folder: string;
  readonly guests: readonly LabGuest[];
  /** All functions, those that were added later included. */
  readonly functions: readonly LabFunction[];
  /** JSON lines, one StoreRecord each. */
  readonly storeLog: string;
  readonly consoleLog: string;
  readonly deviceLog: string;
  /** All stores until now. In stock mode a store is in the log about 0.1 s after its last piece came. */
  readStores(): StoreRecord[];
  /** Resolves with the first store after the first `from` ones that fulfils a condition; rejects after some seconds. */
  waitForStore(
    condition: (store: StoreRecord) => boolean,
    from?: number,
    seconds?: number,
  ): Promise<StoreRecord>;
  /** Asks the process that holds the functions. @throws Error with one sentence */
  ask(request: DeviceRequest): Promise<unknown>;
  /** Plugs one more function into a running guest. */
  addFunction(guest?: number): Promise<LabFunction>;
  /** Cuts a guest off from its networks, or joins it again. */
  setNetwork(guest: number, up: boolean): Promise<void>;
  /** Resets a guest and waits until ssh answers again. */
  reboot(guest: number): Promise<void>;
  /** Process ids of what was started, the QEMUs first. */
  readonly pids: readonly number[];
  /** Resolves when a guest ends by itself or is stopped. */
  readonly ended: Promise<void>;
  /** Ends everything that was started and waits until it is gone. Calling it again does nothing. */
  stop(): Promise<void>;
}

export type { StoreRecord } from '../device/stores/storeRecord';

const mostGuests = 8;
const mostFunctions = 16;
const firstUid = 0x51;
const firstFid = 0x61;

/** PCI addresses on s390 take the UID as domain when UIDs are unique (arch/s390/pci/pci_bus.c). */
function bdfOf({ uid }: FunctionPlace): string {
  return `${uid.toString(16).padStart(4, '0')}:00:00.0`;
}

/** The n-th function of a lab; numbers are unique in the whole fabric, so that no two guests' functions are mixed up. */
function placeOf(index: number): FunctionPlace {
  return { name: `ism${index}`, uid: firstUid + index, fid: firstFid + index };
}

/** The kernel that is taken when nobody says which. */
export function defaultKernel(env: NodeJS.ProcessEnv = process.env): KernelFlavour {
  const wanted = env['ISM_LAB_KERNEL'] || 'debian';
  const known = kernelFlavours.find((flavour) => flavour === wanted);
  if (!known) throw new SetupError(`ISM_LAB_KERNEL is '${wanted}'; it can be ${kernelFlavours.join(', ')}.`);
  return known;
}

function whole(what: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new SetupError(`A lab can have 1 to ${most} ${what}, not ${value}.`);
  return value;
}

/**
 * Provides what is missing on this machine, starts a lab and waits until ssh answers in all guests.
 * @throws SetupError with one sentence when that is not possible
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const guestCount = whole('guests', options.guests ?? 1, mostGuests);
  const perGuest = whole('functions in a guest', options.functions ?? 1, mostFunctions);
  const kernel = options.kernel ?? defaultKernel();
  const mode = options.mode ?? 'whole';
  const setup = options.setup ?? openSetup();
  const qemu = await qemuForS390(setup);
  const image = await guestImage(setup, kernel);
  const state = await openState(setup, guestCount, options.name);
  const children: Array<Machine['process']> = [];
  const stopAll = async (): Promise<void> => {
    for (const child of [...children].reverse()) await stopChild(child);
  };
  const functions: LabFunction[] = [];
  const plan = (guest: number): FunctionPlace => {
    const place = placeOf(functions.length);
    functions.push({ ...place, guest, bdf: bdfOf(place) });
    return place;
  };
  const placesOf = state.guests.map(({ number }) => Array.from({ length: perGuest }, () => plan(number)));
  const lan = guestCount > 1 ? 'lan.sock' : undefined;
  const memory = options.memory ?? (kernel === 'debug' ? 512 : 256);
  const limit = options.bootLimit ?? 180;
  try {
    for (const guest of state.guests) writeInitrd(state, guest, image.initramfs);
    const device = await DeviceProcess.start(state, placesOf.flat(), lan);
    children.push(device.process);
    const machines = await Promise.all(
      state.guests.map(async (guest, index) => {
        const places = placesOf[index] ?? [];
        const machine = await startMachine({
          state,
          guest,
          mode,
          lan,
          qemu,
          image,
          functions: places,
          memory,
        });
        children.push(machine.process);
        return machine;
      }),
    );
    writeSshFiles(state, machines);
    const driverBuildFile = await writeDriverBuild(setup, state.folder, image, mode);
    const ended = new Promise<void>((resolve) =>
      machines.forEach(({ process }) => process.once('exit', () => resolve())),
    );
    await Promise.all(machines.map((machine) => waitForSsh(machine, state, limit)));
    const machineOf = (number: number): Machine => {
      const machine = machines[number - 1];
      if (!machine) throw new Error(`There is no guest ${number}; this lab has ${machines.length}.`);
      return machine;
    };
    const first = machineOf(1);
    let stopping: Promise<void> | undefined;
    return {
      host: '127.0.0.1',
      port: first.port,
      user: 'root',
      identityFile: state.identityFile,
      knownHostsFile: state.knownHostsFile,
      sshConfigFile: state.sshConfigFile,
      alias: first.guest.alias,
      driverBuildFile,
      bdf: functions[0]?.bdf ?? '',
      kernelRelease: image.kernel.release,
      kernel,
      mode,
      folder: path.dirname(state.storeLog),
      guests: machines.map(({ guest, port, process }) => ({
        number: guest.number,
        alias: guest.alias,
        port,
        address: lanAddress(guest),
        consoleLog: guest.consoleLog,
        pid: process.pid ?? 0,
      })),
      functions,
      storeLog: state.storeLog,
      consoleLog: first.guest.consoleLog,
      deviceLog: state.deviceLog,
      readStores: () => readStores(state.storeLog),
      waitForStore: (condition, from, seconds) => waitForStore(state.storeLog, condition, from, seconds),
      ask: (request) => device.ask(request),
      addFunction: async (number = 1) => {
        const machine = machineOf(number);
        if (functions.filter(({ guest }) => guest === number).length >= mostFunctions)
          throw new Error(`Guest ${number} has ${mostFunctions} functions, which is all it can have.`);
        const place = plan(number);
        await device.ask({ op: 'add', name: place.name, socket: `${place.name}.sock` });
        for (const one of functionDevices(place)) await machine.qmp.run('device_add', one);
        return { ...place, guest: number, bdf: bdfOf(place) };
      },
      setNetwork: async (number, up) => {
        const { qmp } = machineOf(number);
        for (const name of lan ? ['net', 'lan'] : ['net']) await qmp.run('set_link', { name, up });
      },
      reboot: async (number) => {
        const machine = machineOf(number);
        await machine.qmp.run('system_reset');
        await waitForSsh(machine, state, limit);
      },
      pids: [...children].reverse().flatMap((child) => child.pid ?? []),
      ended,
      stop: () => (stopping ??= stopAll().then(() => closeState(state))),
    };
  } catch (error) {
    await stopAll();
    // What went wrong is in the logs of the folder, so it stays.
    await closeState(state, true);
    throw error;
  }
}
