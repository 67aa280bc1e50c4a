/** A buffer as text: sixteen bytes a line, runs of equal zero lines as one asterisk, and where each byte stands. */

export interface Dump {
  readonly lines: readonly string[];
  /** The line of `lines` that shows a byte, and the column of its first digit; undefined behind an asterisk. */
  place(offset: number): { readonly line: number; readonly column: number } | undefined;
}

const ROW = 16;
const DIGITS = 4;

/** Columns: four digits, two blanks, two groups of eight bytes, two blanks, printable ASCII. */
const columnOf = (within: number): number => DIGITS + 2 + within * 3 + (within >= 8 ? 1 : 0);

/** @param changed bytes whose lines are marked with `>` in front and never hidden */
export function dumpBuffer(data: Uint8Array, changed: (offset: number) => boolean): Dump {
  const lines: string[] = [];
  const shown = new Map<number, number>();
  let hiding = false;
  for (let at = 0; at < data.length; at += ROW) {
    const row = data.subarray(at, at + ROW);
    const marked = Array.from(row, (_, i) => changed(at + i)).includes(true);
    if (!marked && at > 0 && row.every((byte) => byte === 0)) {
      if (!hiding) lines.push('  *');
      hiding = true;
      continue;
    }
    hiding = false;
    shown.set(at / ROW, lines.length);
    const digits = Array.from(row, (byte) => byte.toString(16).padStart(2, '0'));
    const left = digits.slice(0, 8).join(' ').padEnd(23);
    const right = digits.slice(8).join(' ').padEnd(23);
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'));
    const offset = at.toString(16).padStart(DIGITS, '0');
    lines.push(`${marked ? '> ' : '  '}${offset}  ${left}  ${right}  |${text.join('')}|`);
  }
  return {
    lines,
    place: (offset) => {
      const line = shown.get(Math.floor(offset / ROW));
      return line === undefined ? undefined : { line, column: 2 + columnOf(offset % ROW) };
    },
  };
}
