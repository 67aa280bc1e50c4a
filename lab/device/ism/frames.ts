/**
 * How the guest's shim (../../modules/whole_stores.h) brings a whole store through QEMU: a frame word to BAR4 names the BAR, the
 * offset and the length, the store's bytes follow in pieces, its first and last 8 bytes filled up, then the shim reads the answer of
 * the function. BAR4 does not exist in real functions, so nothing else writes there.
 */

/** Offsets in BAR4, behind the MSI-X table and its pending bits. */
export const frameWordAt = 0xff0n;
export const answerWordAt = 0xff8n;

/** A store as the guest's driver issued it. */
export interface Block {
  readonly region: number;
  readonly offset: bigint;
  readonly bytes: Buffer;
}

/** What a store is answered with: the condition code of PCISTB, and how long the guest is to wait before it goes on. */
export interface StoreAnswer {
  readonly conditionCode: number;
  readonly milliseconds: number;
}

export const accepted: StoreAnswer = { conditionCode: 0, milliseconds: 0 };
/** __zpci_store_block() of arch/s390/pci/pci_insn.c repeats the instruction for as long as this is the answer. */
export const busy: StoreAnswer = { conditionCode: 2, milliseconds: 0 };

export function encodeAnswer({ conditionCode, milliseconds }: StoreAnswer): Buffer {
  const word = Buffer.alloc(8);
  word[0] = conditionCode;
  word.writeUInt32BE(milliseconds, 4);
  return word;
}

/** Puts the pieces of framed stores together. */
export class FrameReader {
  private open:
    | {
        readonly region: number;
        readonly offset: bigint;
        readonly length: number;
        /** Where the pieces begin, and how long they are together. */
        readonly start: bigint;
        readonly filled: number;
        readonly parts: Buffer[];
        got: number;
      }
    | undefined;

  /** Begins a store; bits 63..61 are the BAR, 60..48 the length, 47..0 the offset.
   * @returns what is wrong with the frame before it, or with this one
   */
  begin(word: Buffer): string | undefined {
    const before = this.open;
    const value = word.readBigUInt64BE(0);
    const length = Number((value >> 48n) & 0x1fffn);
    this.open = undefined;
    if (word.length !== 8 || length === 0 || length > 4096) return `a frame of ${length} bytes is none`;
    const offset = value & 0xffff_ffff_ffffn;
    const start = offset & ~7n;
    const head = Number(offset - start);
    this.open = {
      region: Number(value >> 61n),
      offset,
      length,
      start,
      filled: Math.ceil((head + length) / 8) * 8,
      parts: [],
      got: 0,
    };
    return before ? `a store of ${before.length} bytes ended after ${before.got}` : undefined;
  }

  /** Whether this write belongs to the store that has begun. */
  expects(region: number, offset: bigint, length: number): boolean {
    const { open } = this;
    return (
      open !== undefined &&
      open.region === region &&
      open.start + BigInt(open.got) === offset &&
      open.got + length <= open.filled
    );
  }

  /** Takes a piece that was expected; returns the store when it is whole. */
  add(bytes: Buffer): Block | undefined {
    const { open } = this;
    if (!open) return undefined;
    open.parts.push(bytes);
    open.got += bytes.length;
    if (open.got < open.filled) return undefined;
    this.open = undefined;
    const head = Number(open.offset - open.start);
    const whole = Buffer.concat(open.parts).subarray(head, head + open.length);
    return { region: open.region, offset: open.offset, bytes: whole };
  }

  drop(): void {
    this.open = undefined;
  }
}
