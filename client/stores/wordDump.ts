/** Bytes of a region as words of 2, 4 or 8 bytes in either order. */

export type WordWidth = 1 | 2 | 4 | 8;
/** `be`: as s390 and ISM's structures; `le`: as PCI configuration space. */
export type ByteOrder = 'be' | 'le';

/** Sixteen bytes a line, offsets from `start`; a last word that is cut short is shown as `--` for what is missing. */
export function wordDump(data: Uint8Array, start: bigint, width: WordWidth, order: ByteOrder): string {
  const digits = Math.max(8, (start + BigInt(data.length)).toString(16).length);
  const lines: string[] = [];
  for (let row = 0; row < data.length; row += 16) {
    const words: string[] = [];
    for (let at = row; at < Math.min(row + 16, data.length); at += width) {
      const octets = Array.from({ length: width }, (_, i) =>
        at + i < data.length ? (data[at + i] ?? 0).toString(16).padStart(2, '0') : '--',
      );
      words.push((order === 'le' ? octets.reverse() : octets).join(''));
    }
    lines.push(`${(start + BigInt(row)).toString(16).padStart(digits, '0')}  ${words.join(' ')}`);
  }
  return lines.join('\n') + '\n';
}
