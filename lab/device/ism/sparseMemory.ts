const pageBits = 12n;
const pageSize = 4096;

/** Memory of any size of which only the pages that were written exist; the rest reads as zero. */
export class SparseMemory {
  private readonly pages = new Map<bigint, Buffer>();

  /** @param maxPages when there are more pages of 4 KiB, those that were created first are forgotten */
  constructor(private readonly maxPages = 8192) {}

  read(offset: bigint, length: number): Buffer {
    const result = Buffer.alloc(length);
    this.eachPage(offset, length, (page, within, from, count) => {
      this.pages.get(page)?.copy(result, from, within, within + count);
    });
    return result;
  }

  write(offset: bigint, data: Buffer): void {
    this.eachPage(offset, data.length, (page, within, from, count) => {
      data.copy(this.page(page), within, from, from + count);
    });
  }

  clear(): void {
    this.pages.clear();
  }

  private page(number: bigint): Buffer {
    const known = this.pages.get(number);
    if (known) return known;
    const [oldest] = this.pages.keys();
    if (this.pages.size >= this.maxPages && oldest !== undefined) this.pages.delete(oldest);
    const page = Buffer.alloc(pageSize);
    this.pages.set(number, page);
    return page;
  }

  private eachPage(
    offset: bigint,
    length: number,
    visit: (page: bigint, within: number, from: number, count: number) => void,
  ): void {
    for (let from = 0; from < length;) {
      const at = offset + BigInt(from);
      const within = Number(at & BigInt(pageSize - 1));
      const count = Math.min(pageSize - within, length - from);
      visit(at >> pageBits, within, from, count);
      from += count;
    }
  }
}
