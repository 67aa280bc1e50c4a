/** Reading hex digits that people type; offsets and other forms of data have modules of their own. */

/** Either the value or the sentence that the input box shows. */
export type Input<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

const refuse = (message: string): { ok: false; why: string } => ({
  ok: false,
  why: message,
});

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
      return digits.length === 1
        ? refuse(`'${group}' has one hex digit; a byte needs two, so one is missing.`)
        : refuse(
            `'${shorten(group)}' has ${String(digits.length)} hex digits; a byte needs two, so one is missing.`,
          );
    for (let i = 0; i < digits.length; i += 2) bytes.push(Number.parseInt(digits.slice(i, i + 2), 16));
  }
  return bytes.length > 0 ? { ok: true, value: Uint8Array.from(bytes) } : refuse('Type at least one byte.');
}

const shorten = (text: string): string => (text.length > 24 ? text.slice(0, 24) + '…' : text);

/** `0x` and lower-case digits, as the protocol and the journal write 64-bit values. */
export const hex = (value: bigint): string => '0x' + value.toString(16);

/** Bytes as hex digits without separators. */
export const hexOf = (data: Uint8Array): string => Buffer.from(data).toString('hex');
