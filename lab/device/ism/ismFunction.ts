import { StoreJoiner } from '../stores/storeJoiner';
import type { StoreRecord } from '../stores/storeRecord';
import { configRegion, irqEventfdNoResize, regionReadWrite, type Device } from '../vfioUser/device';
import { ConfigSpace, configSize } from './configSpace';
import { SparseMemory } from './sparseMemory';

/** The move space: 256 TiB, of which each store lands in somebody's registered buffer. */
const bar0Size = 1n << 48n;
/** The control page. */
const bar2Size = 0x1000n;
/** The MSI-X table, which only QEMU needs. */
const bar4Size = 0x1000n;

const msi = 1; // VFIO_PCI_MSI_IRQ_INDEX
const msix = 2; // VFIO_PCI_MSIX_IRQ_INDEX

/**
 * One ISM function in *stock* mode: what reaches a device behind an unmodified driver and an unmodified QEMU. Stores are
 * logged and can be read back; commands and DMBs are not carried out.
 */
export class IsmFunction implements Device {
  readonly regions = {
    0: { size: bar0Size, flags: regionReadWrite },
    2: { size: bar2Size, flags: regionReadWrite },
    4: { size: bar4Size, flags: regionReadWrite },
    [configRegion]: { size: BigInt(configSize), flags: regionReadWrite },
  };
  readonly interrupts = {
    [msi]: { count: 1, flags: irqEventfdNoResize },
    [msix]: { count: 1, flags: irqEventfdNoResize },
  };

  private readonly config = new ConfigSpace({ 0: bar0Size, 2: bar2Size, 4: bar4Size });
  private readonly bars: Readonly<Record<number, SparseMemory>> = {
    0: new SparseMemory(),
    2: new SparseMemory(),
    4: new SparseMemory(),
  };
  private readonly joiner: StoreJoiner;

  /** @param logStore gets a record of each store to BAR0 and BAR2 */
  constructor(name: string, logStore: (record: StoreRecord) => void) {
    this.joiner = new StoreJoiner(name, logStore);
    this.bars[2]?.write(0n, controlPattern());
  }

  connected(): void {
    // In stock mode the function never reaches for the guest's memory.
  }

  disconnected(): void {
    this.joiner.flush();
  }

  read(region: number, offset: bigint, length: number): Buffer {
    this.joiner.flush();
    if (region === configRegion) return this.config.read(Number(offset), length);
    return this.bars[region]?.read(offset, length) ?? Buffer.alloc(length);
  }

  write(region: number, offset: bigint, data: Buffer): void {
    if (region === configRegion) {
      this.config.write(Number(offset), data);
      return;
    }
    const isStore = region === 0 || region === 2;
    const bytes = isStore ? guestOrder(data) : data;
    this.bars[region]?.write(offset, bytes);
    if (isStore) this.joiner.add(region, offset, bytes);
  }

  reset(): void {
    this.joiner.flush();
    this.bars[0]?.clear();
  }

  dmaMapped(): void {
    // Nothing to do before DMBs exist.
  }

  dmaUnmapped(): void {
    // Nothing to do before DMBs exist.
  }
}

/**
 * Undoes what QEMU does to a store: hw/s390x/s390-pci-inst.c reads each 8 bytes of a PCISTB as a big-endian number, and
 * hw/vfio/region.c sends that number in little-endian order. Shorter writes come from PCISTG, whose operand the guest
 * kernel has brought into PCI's byte order, and arrive as they are.
 */
function guestOrder(data: Buffer): Buffer {
  return data.length === 8 ? Buffer.from(data).reverse() : data;
}

/** The control page reads 00 01 02 ... ff and over again until it is written: a read can be seen to be right. */
function controlPattern(): Buffer {
  return Buffer.from(Array.from({ length: Number(bar2Size) }, (_, index) => index & 0xff));
}
