/** Sixteen bytes a line: offset, hex digits in two groups of eight, printable ASCII. Offsets count from `start`. */
export function hexDump(data: Uint8Array, start: bigint): string {
  const lines: string[] = [];
  const width = Math.max(8, (start + BigInt(data.length)).toString(16).length);
  for (let i = 0; i < data.length; i += 16) {
    const row = data.subarray(i, i + 16);
    const digits = Array.from(row, (byte) => byte.toString(16).padStart(2, '0'));
    const left = digits.slice(0, 8).join(' ').padEnd(23);
    const right = digits.slice(8).join(' ').padEnd(23);
    const text = Array.from(row, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
    ).join('');
    lines.push(`${(start + BigInt(i)).toString(16).padStart(width, '0')}  ${left}  ${right}  |${text}|`);
  }
  return lines.join('\n') + '\n';
}

/** Eight bytes a line with their distance from the start: for dialogs, whose font is proportional and narrow. */
export function narrowHexDump(data: Uint8Array): string {
  const lines: string[] = [];
  for (let i = 0; i < data.length; i += 8) {
    const digits = Array.from(data.subarray(i, i + 8), (byte) => byte.toString(16).padStart(2, '0'));
    lines.push(`+0x${i.toString(16).padStart(2, '0')}:  ${digits.join(' ')}`);
  }
  return lines.join('\n');
}
