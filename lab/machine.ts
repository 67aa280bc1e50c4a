import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { Qemu } from '../setup/qemu';
import { SetupError } from '../setup/setupError';
import { hasEnded, startChild } from './child';
import type { GuestImage } from './guest/image';
import type { LabState } from './state';

/** A PCI function of the guest. */
export interface FunctionPlace {
  /** Name in this lab, for example ism0; also names the socket `NAME.sock` in the state folder. */
  readonly name: string;
  /** The zPCI user-defined id, which Linux on s390 uses as PCI domain. */
  readonly uid: number;
  /** The zPCI function id. */
  readonly fid: number;
}

export interface MachineOptions {
  readonly state: LabState;
  readonly qemu: Qemu;
  readonly image: GuestImage;
  readonly functions: readonly FunctionPlace[];
  /** MiB. */
  readonly memory: number;
}

export interface Machine {
  readonly process: ChildProcess;
  /** The port of 127.0.0.1 that leads to the guest's ssh server. */
  readonly port: number;
}

/** Starts QEMU with a port of its own, another one when somebody takes it in between. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { state, qemu } = options;
  for (let attempt = 0; attempt < 5; attempt++) {
    const port = await freePort(attempt === 0 ? state.lastPort : undefined);
    const process = startChild(qemu.program, qemuArguments(options, port), {
      cwd: state.folder,
      log: state.qemuLog,
    });
    if (await survives(process, state)) return { process, port };
  }
  throw new SetupError(`QEMU could get no port of 127.0.0.1 for the guest (details: ${state.qemuLog}).`);
}

/** Waits until QEMU has set up its devices; false when only the port was the matter. */
async function survives(process: ChildProcess, state: LabState): Promise<boolean> {
  const ended = new Promise<void>((resolve) => {
    process.once('exit', () => resolve());
    process.once('error', () => resolve());
  });
  // QEMU creates the console log after it has bound the port and connected to the functions' sockets.
  const pause = new Promise<void>((resolve) => setTimeout(resolve, 300));
  await Promise.race([ended, pause]);
  if (!hasEnded(process)) return true;
  const log = readFileSync(state.qemuLog, 'utf8');
  if (/host forwarding rule|Address already in use/i.test(log)) return false;
  const last = log.trim().split('\n').at(-1) ?? '';
  throw new SetupError(`QEMU did not start: ${last || 'it said nothing'} (details: ${state.qemuLog}).`);
}

function qemuArguments(options: MachineOptions, port: number): string[] {
  const { state, qemu, image, functions, memory } = options;
  const names = functions.flatMap(({ name, uid, fid }) => [
    '-device',
    `zpci,uid=${uid},fid=${fid},target=${name}`,
    '-device',
    // A relative path: Unix sockets take 107 characters, and QEMU runs in the state folder.
    JSON.stringify({ driver: 'vfio-user-pci', id: name, socket: { type: 'unix', path: `${name}.sock` } }),
  ]);
  return [
    ...['-L', qemu.dataFolder, '-name', `ism-lab-${state.name}`],
    ...['-machine', 's390-ccw-virtio', '-cpu', 'max', '-accel', 'tcg,thread=multi', '-smp', '2'],
    ...['-m', String(memory), '-nodefaults', '-nographic'],
    ...['-kernel', image.kernel.image, '-initrd', path.basename(state.initrd)],
    ...['-append', 'console=ttysclp0 quiet'],
    ...['-chardev', `file,id=console,path=${path.basename(state.consoleLog)}`],
    ...['-device', 'sclpconsole,chardev=console'],
    ...['-netdev', `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`],
    ...['-device', 'virtio-net-ccw,netdev=net'],
    ...names,
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
