/** Reading what people type as offsets and data. */

/** Either the value or the sentence that the input box shows. */
export type Input<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

const refuse = (why: string): { ok: false; why: string } => ({ ok: false, why });

/**
 * Bytes from hex digits. Blanks, commas, line breaks, underscores and `0x` before a group are allowed between bytes.
 *
 * @returns the bytes in the order they were typed, which is the order they will have in memory
 */
export function parseHexData(text: string): Input<Uint8Array> {
  const trimmed = text.trim();
  if (trimmed === '') return refuse('Type the bytes to store as hex digits, for example 01 23 45 67.');
  const bytes: number[] = [];
  for (const group of trimmed.split(/[\s,]+/).filter((part) => part !== '')) {
    const digits = group.replace(/^0x/i, '').replace(/_/g, '');
    const bad = /[^0-9a-fA-F]/.exec(digits);
    if (bad) return refuse(`'${bad[0]}' is not a hex digit; use 0-9 and a-f, two for each byte.`);
    if (digits.length % 2 !== 0)
      return refuse(
        `'${shorten(group)}' has ${digits.length === 1 ? 'one hex digit' : `${digits.length} hex digits`}; a byte needs two, so one is missing.`,
      );
    for (let i = 0; i < digits.length; i += 2) bytes.push(Number.parseInt(digits.slice(i, i + 2), 16));
  }
  return bytes.length > 0 ? { ok: true, value: Uint8Array.from(bytes) } : refuse('Type at least one byte.');
}

/** A 64-bit offset, hex with `0x` or decimal; underscores may group digits. */
export function parseOffset(text: string): Input<bigint> {
  const clean = text.trim().replace(/(?<=[0-9a-fA-F])_(?=[0-9a-fA-F])/g, '');
  if (/^0x[0-9a-f]+$/i.test(clean) || /^[0-9]+$/.test(clean)) {
    const value = BigInt(clean);
    return value < 1n << 64n ? { ok: true, value } : refuse('The offset does not fit into 64 bits.');
  }
  if (/^[0-9a-f]+$/i.test(clean)) return refuse(`Write 0x${clean} for a hex offset.`);
  return refuse('Type the offset as 0x and hex digits, or as a decimal number.');
}

const shorten = (text: string): string => (text.length > 24 ? text.slice(0, 24) + '…' : text);

/** `0x` and lower-case digits, as the protocol and the journal write 64-bit values. */
export const hex = (value: bigint): string => '0x' + value.toString(16);

/** Bytes as hex digits without separators. */
export const hexOf = (data: Uint8Array): string => Buffer.from(data).toString('hex');
