/** One 8-byte (or shorter) write as QEMU forwarded it. */
export interface StorePiece {
  /** Offset in the region, hexadecimal with 0x. */
  readonly offset: string;
  /** The bytes in the order of the guest's memory, hexadecimal. */
  readonly bytes: string;
  /** Microseconds after the first piece of its record. */
  readonly after: number;
}

/**
 * One line of the store log (JSON). `bytes` are in the order of the guest's memory: what the program passed to pwrite().
 *
 * In *whole* mode a record is exactly one PCISTB and `pieces` is empty. In *stock* mode it is guesswork: stock QEMU forwards a PCISTB as posted 8-byte writes without saying where it begins or ends. Pieces that follow each
 * other without a gap in the address, without leaving a 4 KiB block and without a pause are taken for one store, up to
 * the 128 bytes that QEMU accepts in one PCISTB. So two stores to adjoining addresses in quick succession can share a
 * record, and a store that was interrupted for long can be spread over two; `pieces` always shows what came.
 */
export interface StoreRecord {
  /** When the first piece arrived, ISO 8601 in UTC. */
  readonly time: string;
  /** The function's name in this lab, for example ism0. */
  readonly function: string;
  /** Region index, which for BARs is the number of the BAR. */
  readonly region: number;
  /** Offset in the region, hexadecimal with 0x. */
  readonly offset: string;
  /** Bytes. */
  readonly length: number;
  /** Hexadecimal. */
  readonly bytes: string;
  readonly pieces: readonly StorePiece[];
  /** Condition code of a store that the function refused because of an injected fault; nothing else happened then. */
  readonly refused?: number;
  /** A store to BAR0: the registered buffer it reached, or why it reached none. */
  readonly buffer?:
    { readonly owner: string; readonly token: string; readonly at: number } | { readonly refused: string };
  /** A store to BAR2 that was a command, with the answer's code. */
  readonly command?: { readonly name: string; readonly answer: number };
}

/** Parses a store log. A last line that is still being written is left out. */
export function parseStoreLog(text: string): StoreRecord[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as StoreRecord);
}
