import type { StorePiece, StoreRecord } from './storeRecord';

/** QEMU's limit for one PCISTB (hw/s390x/s390-pci-bus.c sets maxstbl to 128). */
const longestStore = 128;

/** A store may not leave the 4 KiB block it starts in; the kernel checks the same (arch/s390/include/asm/pci_io.h). */
const blockSize = 4096n;

/**
 * How long the next piece of a store may take, in milliseconds. QEMU sends the pieces in one go, but on a busy machine it
 * can lose the processor in between. Longer would join more of what a program stores to adjoining addresses in a row.
 */
const pause = 100;

interface Open {
  readonly region: number;
  readonly offset: bigint;
  readonly started: bigint;
  readonly time: string;
  readonly data: Buffer[];
  readonly pieces: StorePiece[];
  length: number;
}

/** Joins the writes that one PCISTB was split into; see StoreRecord for the rule. */
export class StoreJoiner {
  private open: Open | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** @param emit gets each record when it is complete, and its bytes */
  constructor(
    private readonly name: string,
    private readonly emit: (record: StoreRecord, bytes: Buffer) => void,
  ) {}

  /** Takes one write, with its bytes in the order of the guest's memory. */
  add(region: number, offset: bigint, bytes: Buffer): void {
    const now = process.hrtime.bigint();
    if (this.open && !this.continues(this.open, region, offset, bytes.length)) this.flush();
    this.open ??= {
      region,
      offset,
      started: now,
      time: new Date().toISOString(),
      data: [],
      pieces: [],
      length: 0,
    };
    this.open.data.push(bytes);
    this.open.length += bytes.length;
    this.open.pieces.push({
      offset: `0x${offset.toString(16)}`,
      bytes: bytes.toString('hex'),
      after: Number((now - this.open.started) / 1000n),
    });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause);
  }

  /** Ends the store that is being joined, because something else happened or nothing did for a while. */
  flush(): void {
    clearTimeout(this.timer);
    const { open } = this;
    this.open = undefined;
    if (!open) return;
    const bytes = Buffer.concat(open.data);
    const record: StoreRecord = {
      time: open.time,
      function: this.name,
      region: open.region,
      offset: `0x${open.offset.toString(16)}`,
      length: open.length,
      bytes: bytes.toString('hex'),
      pieces: open.pieces,
    };
    this.emit(record, bytes);
  }

  private continues(open: Open, region: number, offset: bigint, length: number): boolean {
    return (
      region === open.region &&
      offset === open.offset + BigInt(open.length) &&
      open.length + length <= longestStore &&
      offset / blockSize === open.offset / blockSize
    );
  }
}
