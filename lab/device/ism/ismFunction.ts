import { StoreJoiner } from '../stores/storeJoiner';
import type { StoreRecord } from '../stores/storeRecord';
import {
  configRegion,
  irqEventfdNoResize,
  regionReadWrite,
  type Client,
  type Device,
} from '../vfioUser/device';
import { execute, type Registrations } from './commands';
import { ConfigSpace, configSize } from './configSpace';
import type { Dmb, Fabric, FabricEvent } from './fabric';
import { FaultInjector } from './faults';
import {
  accepted,
  busy,
  answerWordAt,
  encodeAnswer,
  FrameReader,
  frameWordAt,
  type Block,
  type StoreAnswer,
} from './frames';
import { GuestSide } from './guestSide';
import { Command, moveTarget, type MoveTarget } from './layout';
import { SparseMemory } from './sparseMemory';

/** The move space: 256 TiB, of which each store lands in somebody's registered buffer. */
const bar0Size = 1n << 48n;
/** The control page. */
const bar2Size = 0x1000n;
/** The MSI-X table, which only QEMU needs, and the words of frames.ts. */
const bar4Size = 0x1000n;

const msi = 1; // VFIO_PCI_MSI_IRQ_INDEX
const msix = 2; // VFIO_PCI_MSIX_IRQ_INDEX

export interface IsmFunctionOptions {
  readonly name: string;
  readonly gid: bigint;
  readonly fabric: Fabric;
  /** Gets a record of each store to BAR0 and BAR2. */
  readonly logStore: (record: StoreRecord) => void;
  readonly log: (line: string) => void;
}

/**
 * One ISM function. Stores that the guest's shim frames arrive as they were issued; others come in pieces of 8 bytes, as
 * stock QEMU forwards them, and are joined by guesswork.
 */
export class IsmFunction implements Device, Registrations {
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

  readonly name: string;
  readonly gid: bigint;
  readonly vlans = new Set<number>();
  vlanRequired = false;
  sba: bigint | undefined;
  ieq: bigint | undefined;
  events = 0;

  readonly faults = new FaultInjector();
  readonly memory: GuestSide;

  private readonly fabric: Fabric;
  private readonly config = new ConfigSpace({ 0: bar0Size, 2: bar2Size, 4: bar4Size });
  private readonly bars: Readonly<Record<number, SparseMemory>> = {
    0: new SparseMemory(),
    2: new SparseMemory(),
    4: new SparseMemory(),
  };
  private readonly joiner: StoreJoiner;
  private readonly frames = new FrameReader();
  /** How the last framed store was answered. */
  private answer: StoreAnswer = accepted;

  constructor(private readonly options: IsmFunctionOptions) {
    this.name = options.name;
    this.gid = options.gid;
    this.fabric = options.fabric;
    this.memory = new GuestSide(options.log);
    this.joiner = new StoreJoiner(options.name, (record, bytes) => {
      const block = { region: record.region, offset: BigInt(record.offset), bytes };
      options.logStore({ ...record, ...this.carryOut(block) });
    });
    this.bars[2]?.write(0n, controlPattern());
    this.fabric.plug(this);
  }

  connected(client: Client): void {
    this.memory.connect(client);
  }

  disconnected(): void {
    this.reset();
    this.memory.connect(undefined);
  }

  read(region: number, offset: bigint, length: number): Buffer {
    this.joiner.flush();
    if (region === configRegion) return this.config.read(Number(offset), length);
    if (region === 4 && offset === answerWordAt && length === 8) return encodeAnswer(this.answer);
    return this.bars[region]?.read(offset, length) ?? Buffer.alloc(length);
  }

  write(region: number, offset: bigint, data: Buffer): void {
    if (region === configRegion) {
      const was = this.config.reachable;
      this.config.write(Number(offset), data);
      if (was && !this.config.reachable) this.forget();
    } else if (region === 4 && offset === frameWordAt && data.length === 8) {
      this.joiner.flush();
      const problem = this.frames.begin(data);
      if (problem) this.options.log(problem);
    } else if (region === 0 || region === 2) {
      this.stored(region, offset, guestOrder(data));
    } else {
      this.bars[region]?.write(offset, data);
    }
  }

  reset(): void {
    this.joiner.flush();
    this.frames.drop();
    this.answer = accepted;
    this.bars[0]?.clear();
    this.forget();
  }

  /**
   * What a function loses when it is disabled: everything that was registered. QEMU keeps that to itself (CLP_SET_DISABLE_PCI_FN
   * in hw/s390x/s390-pci-inst.c), but the kernel announces each reset by switching memory space and bus mastering off
   * (pci_dev_save_and_disable() in drivers/pci/pci.c), as when a vfio device is closed.
   */
  private forget(): void {
    this.sba = undefined;
    this.ieq = undefined;
    this.vlans.clear();
    this.vlanRequired = false;
    this.fabric.leave(this);
  }

  dmaMapped(): void {
    // QEMU answers DMA messages for any address, so the ranges need not be kept.
  }

  dmaUnmapped(): void {
    // As above.
  }

  deliver(dmb: Dmb, target: MoveTarget, data: Buffer): void {
    this.memory.deliver(this, dmb, target, data, () => this.fabric.has(dmb));
  }

  get behind(): boolean {
    return this.memory.behind;
  }

  raise(event: FabricEvent, interrupt: boolean): void {
    this.memory.raise(this, event, interrupt);
  }

  private stored(region: number, offset: bigint, bytes: Buffer): void {
    if (!this.frames.expects(region, offset, bytes.length)) {
      this.frames.drop();
      this.bars[region]?.write(offset, bytes);
      this.joiner.add(region, offset, bytes);
      return;
    }
    const block = this.frames.add(bytes);
    if (block) this.whole(block);
  }

  /** Takes a store that the shim framed, unless a fault forbids it. */
  private whole(block: Block): void {
    const congested = block.region === 0 && this.fabric.congested(moveTarget(block.offset));
    this.answer = congested ? busy : this.faults.next();
    const { conditionCode } = this.answer;
    // A busy function has not looked at the store yet; the guest issues it again.
    if (conditionCode === 2) return;
    if (conditionCode === 0) this.bars[block.region]?.write(block.offset, block.bytes);
    this.options.logStore({
      time: new Date().toISOString(),
      function: this.name,
      region: block.region,
      offset: `0x${block.offset.toString(16)}`,
      length: block.bytes.length,
      bytes: block.bytes.toString('hex'),
      pieces: [],
      ...(conditionCode === 0 ? this.carryOut(block) : { refused: conditionCode }),
    });
  }

  /** What a store does beyond being remembered: it moves data to a buffer, or it is a command. */
  private carryOut({ region, offset, bytes }: Block): Pick<StoreRecord, 'command' | 'buffer'> {
    if (region === 0) {
      const target = moveTarget(offset);
      const moved = this.fabric.move(this, target, bytes);
      if (typeof moved === 'string') return { buffer: { refused: moved } };
      const { owner, token } = moved;
      return { buffer: { owner: owner.name, token: `0x${token.toString(16)}`, at: target.offset } };
    }
    // The body of a command is stored first; its header starts it.
    if (offset !== 0n || bytes.length < 8) return {};
    const page = this.bars[2];
    const { command, answer, response } = execute(
      this,
      this.fabric,
      page?.read(0n, Number(bar2Size)) ?? bytes,
    );
    page?.write(0n, response);
    const known = Object.entries(Command).find(([, code]) => code === command);
    return { command: { name: known?.[0] ?? `0x${command.toString(16)}`, answer } };
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
