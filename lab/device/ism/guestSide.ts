import type { Client } from '../vfioUser/device';
import { Ieq, Sba, todClock, type MoveTarget } from './layout';
import type { Registrations } from './commands';
import type { Dmb, FabricEvent } from './fabric';

/** ZPCI_MSI_ADDR of QEMU's include/hw/s390x/s390-pci-bus.h: a write of the vector number there is an interrupt. */
const msiAddress = 0xfe00_0000_0000_0000n;
const vector = Buffer.alloc(4);

/**
 * What a function does in its guest's memory. Everything is done in the order in which it was asked for: a signal never
 * overtakes the data it is about.
 */
export class GuestSide {
  private client: Client | undefined;
  private queue: Promise<void> = Promise.resolve();

  /** @param failed gets one line when the guest does not let the function reach its memory */
  constructor(private readonly failed: (line: string) => void) {}

  connect(client: Client | undefined): void {
    this.client = client;
  }

  /** The content of memory, for whoever looks into a buffer. */
  read(address: bigint, length: number): Promise<Buffer> {
    return this.client ? this.client.dmaRead(address, length) : Promise.reject(new Error('it has no guest'));
  }

  deliver(self: Registrations, dmb: Dmb, target: MoveTarget, data: Buffer): void {
    this.next(`store to buffer 0x${dmb.token.toString(16)}`, async (client) => {
      await client.dmaWrite(dmb.address + BigInt(target.offset), data);
      const { sba } = self;
      if (!target.signal || sba === undefined) return;
      const mask = sba + Sba.masks + BigInt(dmb.index * 2);
      await setBits(client, mask + BigInt((target.index & 15) >> 3), 0x80 >> (target.index & 7));
      await setBits(client, sba + Sba.bits + BigInt(dmb.index >> 3), 0x80 >> (dmb.index & 7));
      await setBits(client, sba + Sba.summary.at, Sba.summary.bit);
      await client.dmaWrite(msiAddress, vector);
    });
  }

  raise(self: Registrations, event: FabricEvent, interrupt: boolean): void {
    this.next('event', async (client) => {
      const { ieq, sba } = self;
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
      await client.dmaWrite(ieq, index);
      if (sba === undefined) return;
      await setBits(client, sba + Sba.event.at, Sba.event.bit);
      if (interrupt) await client.dmaWrite(msiAddress, vector);
    });
  }

  private next(what: string, step: (client: Client) => Promise<void>): void {
    this.queue = this.queue.then(async () => {
      if (!this.client) return;
      try {
        await step(this.client);
      } catch (error) {
        this.failed(`${what}: the guest's memory was not reached: ${(error as Error).message}`);
      }
    });
  }
}

/** Sets bits of one byte. The guest clears others of the same byte meanwhile: real hardware does this atomically. */
async function setBits(client: Client, address: bigint, bits: number): Promise<void> {
  const byte = await client.dmaRead(address, 1);
  byte[0] = (byte[0] ?? 0) | bits;
  await client.dmaWrite(address, byte);
}
