import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { SetupError } from '../../setup/setupError';
import { startChild } from './child';
import type { DeviceReply, DeviceRequest, Numbered } from '../device/requests';
import type { FunctionPlace } from './machine';
import { projectFile } from '../base/projectFile';
import type { LabState } from './state';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The process that holds the functions of a lab. */
export class DeviceProcess {
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;

  private constructor(readonly process: ChildProcess) {
    process.once('exit', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('The simulated functions are gone.'));
      this.waiting.clear();
    });
  }

  /** Starts it and waits until its sockets are there.
   * @param lan socket of the segment between the guests
   */
  static async start(
    state: LabState,
    functions: readonly FunctionPlace[],
    lan: string | undefined,
  ): Promise<DeviceProcess> {
    const program = projectFile('dist/tools/lab-device.js');
    const sockets = functions.map(({ name }) => `${name}=${name}.sock`);
    const segment = lan ? ['--lan', lan] : [];
    const args = [program, '--store-log', path.basename(state.storeLog), ...segment, ...sockets];
    const child = startChild(process.execPath, args, {
      cwd: state.folder,
      log: state.deviceLog,
      stdout: 'pipe',
    });
    const device = new DeviceProcess(child);
    const ready = await new Promise<boolean>((resolve) => {
      if (child.stdout)
        createInterface({ input: child.stdout }).on('line', (line) => {
          if (line === 'ready') resolve(true);
          else device.settle(line);
        });
      child.once('exit', () => resolve(false));
      child.once('error', () => resolve(false));
    });
    if (!ready)
      throw new SetupError(`The simulated ISM function did not start (details: ${state.deviceLog}).`);
    return device;
  }

  /** Asks for something; the type of the result belongs to the request. */
  ask(body: DeviceRequest): Promise<unknown> {
    const id = this.nextId++;
    const message: Numbered<DeviceRequest> = { id, body };
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.process.stdin?.write(`${JSON.stringify(message)}\n`);
    });
  }

  private settle(line: string): void {
    const { id, body } = JSON.parse(line) as Numbered<DeviceReply>;
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if ('error' in body) waiting?.reject(new Error(body.error));
    else waiting?.resolve(body.result);
  }
}
