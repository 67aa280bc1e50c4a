import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { Qemu } from '../../setup/qemu';
import { SetupError } from '../../setup/setupError';
import { hasEnded, startChild } from './child';
import type { GuestImage } from '../guest/image';
import { QmpClient } from './qmp';
import type { GuestState, LabState } from './state';

/** A PCI function of the guest. */
export interface FunctionPlace {
  /** Name in this lab, for example ism0; also names the socket `NAME.sock` in the state folder. */
  readonly name: string;
  /** The zPCI user-defined id, which Linux on s390 uses as PCI domain. */
  readonly uid: number;
  /** The zPCI function id. */
  readonly fid: number;
}

/** What the guest's drivers are to take stores as; see README.md. */
export const labModes = ['whole', 'stock'] as const;
export type LabMode = (typeof labModes)[number];

export interface MachineOptions {
  readonly state: LabState;
  readonly guest: GuestState;
  readonly mode: LabMode;
  /** Socket of the segment that the guests share, in the state folder; undefined when there is one guest. */
  readonly lan: string | undefined;
  readonly qemu: Qemu;
  readonly image: GuestImage;
  readonly functions: readonly FunctionPlace[];
  /** MiB. */
  readonly memory: number;
}

export interface Machine {
  readonly guest: GuestState;
  readonly process: ChildProcess;
  /** Asks QEMU for something. */
  readonly qmp: QmpClient;
  /** The port of 127.0.0.1 that leads to the guest's ssh server. */
  readonly port: number;
}

/** Starts QEMU with a port of its own, another one when somebody takes it in between. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { state, guest, qemu } = options;
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort(attempt === 0 ? guest.lastPort : undefined);
    const process = startChild(qemu.program, qemuArguments(options, port), {
      cwd: state.folder,
      log: guest.qemuLog,
    });
    if (await survives(process, guest))
      return { guest, process, port, qmp: new QmpClient(state.folder, qmpSocket(guest)) };
  }
  throw new SetupError(`QEMU could get no port of 127.0.0.1 for the guest (details: ${guest.qemuLog}).`);
}

/** Waits until QEMU has set up its devices; false when only the port was the matter. */
async function survives(process: ChildProcess, guest: GuestState): Promise<boolean> {
  const ended = new Promise<void>((resolve) => {
    process.once('exit', () => resolve());
    process.once('error', () => resolve());
  });
  // QEMU creates the console log after it has bound the port and connected to the functions' sockets.
  const pause = new Promise<void>((resolve) => setTimeout(resolve, 300));
  await Promise.race([ended, pause]);
  if (!hasEnded(process)) return true;
  const log = readFileSync(guest.qemuLog, 'utf8');
  if (/host forwarding rule|Address already in use/i.test(log)) return false;
  const last = log.trim().split('\n').at(-1) ?? '';
  throw new SetupError(`QEMU did not start: ${last || 'it said nothing'} (details: ${guest.qemuLog}).`);
}

function qmpSocket({ number }: GuestState): string {
  return `qmp-${number}.sock`;
}

/** The devices that make a function: its zPCI side, and its PCI side at the other end of a socket. */
export function functionDevices({ name, uid, fid }: FunctionPlace): Array<Record<string, unknown>> {
  return [
    { driver: 'zpci', id: `zpci-${name}`, uid, fid, target: name },
    // A relative path: Unix sockets take 107 characters, and QEMU runs in the state folder.
    { driver: 'vfio-user-pci', id: name, socket: { type: 'unix', path: `${name}.sock` } },
  ];
}

/** The guest's address in the segment that the guests share. */
export function lanAddress({ number }: GuestState): string {
  return `10.51.0.${number}`;
}

function qemuArguments(options: MachineOptions, port: number): string[] {
  const { state, guest, mode, lan, qemu, image, functions, memory } = options;
  const devices = functions.flatMap(functionDevices).flatMap((one) => ['-device', JSON.stringify(one)]);
  const mac = `52:54:00:51:00:${guest.number.toString(16).padStart(2, '0')}`;
  const segment = lan
    ? [
        ...['-netdev', `stream,id=lan,server=off,addr.type=unix,addr.path=${lan}`],
        ...['-device', `virtio-net-ccw,netdev=lan,mac=${mac}`],
      ]
    : [];
  return [
    ...['-L', qemu.dataFolder, '-name', `ism-lab-${state.name}-${guest.number}`],
    ...['-machine', 's390-ccw-virtio', '-cpu', 'max', '-accel', 'tcg,thread=multi', '-smp', '2'],
    ...['-m', String(memory), '-nodefaults', '-nographic'],
    ...['-kernel', image.kernel.image, '-initrd', path.basename(guest.initrd)],
    ...['-append', `console=ttysclp0 quiet lab.mode=${mode} lab.address=${lanAddress(guest)}/24`],
    ...['-chardev', `file,id=console,path=${path.basename(guest.consoleLog)}`],
    ...['-device', 'sclpconsole,chardev=console'],
    ...['-netdev', `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
    ...['-device', 'virtio-net-ccw,netdev=net'],
    ...segment,
    ...['-qmp', `unix:${qmpSocket(guest)},server=on,wait=off`],
    ...devices,
  ];
}

/** A free port of 127.0.0.1: the preferred one if it is free, else any. */
function freePort(preferred = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (preferred ? resolve(freePort()) : reject(error)));
    server.listen({ host: '127.0.0.1', port: preferred, exclusive: true }, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
