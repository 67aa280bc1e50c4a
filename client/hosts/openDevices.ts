/** The vfio devices of one host that this window has open. */
import type { OpenResult, Operation, Operations, RegionAnswer } from '../../protocol/helper';
import { isBusy } from '../base/helperErrors';

/** A function that this window has open through the helper. */
export interface OpenDevice extends OpenResult {
  readonly regions: readonly RegionAnswer[];
}

export class OpenDevices {
  private readonly devices = new Map<string, OpenDevice>();
  // The tree and a command may ask at the same time; a device can be opened only once.
  private readonly opening = new Map<string, Promise<OpenDevice>>();
  private readonly closing = new Map<string, Promise<void>>();

  /** @param changed called after a device was opened or closed, with the list of functions stale */
  constructor(
    private readonly request: <O extends Operation>(
      op: O,
      params: Operations[O]['params'],
    ) => Promise<Operations[O]['result']>,
    private readonly changed: () => Promise<void>,
  ) {}

  get(address: string): OpenDevice | undefined {
    return this.devices.get(address);
  }

  /** Opens the function unless it is open, and asks the driver for every region. */
  async open(address: string): Promise<OpenDevice> {
    return this.devices.get(address) ?? once(this.opening, address, () => this.openNow(address));
  }

  private async openNow(address: string): Promise<OpenDevice> {
    const result = await this.request('open', { address });
    const { regions } = await this.request('regions', { handle: result.handle });
    const device = { ...result, regions };
    this.devices.set(address, device);
    await this.changed();
    return device;
  }

  /** Closes the function's vfio fd, for which other programs and an unbind would otherwise wait. */
  async close(address: string): Promise<void> {
    const device = this.devices.get(address);
    if (device) await once(this.closing, address, () => this.closeNow(address, device));
  }

  private async closeNow(address: string, { handle }: OpenDevice): Promise<void> {
    try {
      await this.request('close', { handle });
      this.devices.delete(address);
    } catch (error) {
      // After any other failure the helper does not have it open any more.
      if (!isBusy(error)) this.devices.delete(address);
      throw error;
    }
    await this.changed();
  }

  /** Forgets all devices: the helper that had them open has ended. */
  clear(): void {
    this.devices.clear();
  }
}

/** Runs `begin` unless it runs for this key already. */
function once<T>(running: Map<string, Promise<T>>, key: string, begin: () => Promise<T>): Promise<T> {
  const present = running.get(key) ?? begin().finally(() => running.delete(key));
  running.set(key, present);
  return present;
}
