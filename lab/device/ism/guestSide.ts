import type { Client } from '../vfioUser/device';
import { Ieq, Sba, todClock, type MoveTarget } from './layout';
import type { Registrations } from './commands';
import type { Dmb, FabricEvent } from './fabric';

/** ZPCI_MSI_ADDR of QEMU's include/hw/s390x/s390-pci-bus.h: a write of the vector number there is an interrupt. */
const msiAddress = 0xfe00_0000_0000_0000n;
const vector = Buffer.alloc(4);

/** How many stores may wait to reach a buffer before the function says that it is busy. */
const mostWaiting = 64;

/**
 * What a function does in its guest's memory. Everything is done in the order in which it was asked for: a signal never
 * overtakes the data it is about. What was unregistered meanwhile is not touched any more: the guest may have taken that
 * memory out of the function's reach, and an access to it would put the function into its error state.
 */
export class GuestSide {
  private client: Client | undefined;
  private waiting = 0;
  private queue: Promise<void> = Promise.resolve();

  /** @param failed gets one line when the guest does not let the function reach its memory */
  constructor(private readonly failed: (line: string) => void) {}

  connect(client: Client | undefined): void {
    this.client = client;
  }

  /**
   * Whether stores come faster than they reach the guest. Who stores is held back then as by a busy function, and so cannot fill
   * this process's memory.
   */
  get behind(): boolean {
    return this.waiting >= mostWaiting;
  }

  /** The content of memory, for whoever looks into a buffer. */
  read(address: bigint, length: number): Promise<Buffer> {
    return this.client ? this.client.dmaRead(address, length) : Promise.reject(new Error('it has no guest'));
  }

  /** @param registered whether the buffer still is */
  deliver(self: Registrations, dmb: Dmb, target: MoveTarget, data: Buffer, registered: () => boolean): void {
    this.waiting++;
    const arrived = this.next(`store to buffer 0x${dmb.token.toString(16)}`, async (client) => {
      if (!registered()) return;
      await client.dmaWrite(dmb.address + BigInt(target.offset), data);
      if (!target.signal) return;
      const mask = Sba.masks + BigInt(dmb.index * 2);
      await signal(client, self, [
        [mask + BigInt((target.index & 15) >> 3), 0x80 >> (target.index & 7)],
        [Sba.bits + BigInt(dmb.index >> 3), 0x80 >> (dmb.index & 7)],
        [Sba.summary.at, Sba.summary.bit],
      ]);
    });
    void arrived.finally(() => this.waiting--);
  }

  raise(self: Registrations, event: FabricEvent, interrupt: boolean): void {
    void this.next('event', async (client) => {
      const { ieq } = self;
      if (ieq === undefined) return;
      const entry = Buffer.alloc(Number(Ieq.entryLength));
      entry.writeUInt32BE(event.type, 0);
      entry.writeUInt32BE(event.code, 4);
      entry.writeBigUInt64BE(event.token, 8);
      entry.writeBigUInt64BE(todClock(), 16);
      entry.writeBigUInt64BE(event.info, 24);
      const place = self.events++ % Ieq.count;
      await client.dmaWrite(ieq + Ieq.entries + BigInt(place) * Ieq.entryLength, entry);
      // ism_handle_event() compares this with the last entry it took plus one: it runs from 1 to 15 and never becomes 0.
      const index = Buffer.alloc(8);
      index.writeBigUInt64BE(BigInt(place + 1));
      if (self.ieq !== ieq) return;
      await client.dmaWrite(ieq, index);
      await signal(client, self, [[Sba.event.at, Sba.event.bit]], interrupt);
    });
  }

  /** @returns when it is done, or cannot be done */
  private next(what: string, step: (client: Client) => Promise<void>): Promise<void> {
    this.queue = this.queue.then(async () => {
      if (!this.client) return;
      try {
        await step(this.client);
      } catch (error) {
        this.failed(`${what}: the guest's memory was not reached: ${(error as Error).message}`);
      }
    });
    return this.queue;
  }
}

/**
 * Sets bits of the SBA, each given with its byte, and interrupts. The guest clears other bits of the same bytes meanwhile:
 * real hardware does this atomically.
 */
async function signal(
  client: Client,
  self: Registrations,
  bits: readonly (readonly [at: bigint, bits: number])[],
  interrupt = true,
): Promise<void> {
  const { sba } = self;
  if (sba === undefined) return;
  for (const [at, set] of bits) {
    const byte = await client.dmaRead(sba + at, 1);
    if (self.sba !== sba) return;
    byte[0] = (byte[0] ?? 0) | set;
    await client.dmaWrite(sba + at, byte);
    if (self.sba !== sba) return;
  }
  if (interrupt) await client.dmaWrite(msiAddress, vector);
}
