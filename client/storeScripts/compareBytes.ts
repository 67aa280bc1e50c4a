/** Expected and actual bytes side by side, for people. */
import type { ScriptStep } from '../../protocol/runOperations';

export interface Compared {
  /** One sentence about the first byte that differs. */
  readonly sentence: string;
  /** Sixteen bytes a line with their offset in what was read; `..` in the expected ones is a byte that may be anything. */
  readonly expected: string;
  readonly actual: string;
}

/**
 * @param step what was expected
 * @param actual hex digits of what was read in its place; fewer when the read gave fewer
 */
export function compareBytes(step: Extract<ScriptStep, { do: 'expect' }>, actual: string): Compared {
  const digits = [...step.data].map((digit, i) => (step.mask?.[i] === '0' ? '.' : digit)).join('');
  const at = step.at ?? 0;
  const wanted = bytesOf(digits);
  const got = bytesOf(actual);
  const first = wanted.findIndex((byte, i) => !fits(byte, got[i]));
  const expected = wanted[first] ?? '';
  const sentence =
    got[first] === undefined
      ? `Byte ${at + first} of the read is missing; ${expected} was expected.`
      : `Byte ${at + first} of the read is ${got[first]}; ${expected} was expected.`;
  return { sentence, expected: dump(wanted, at), actual: dump(got, at) };
}

const bytesOf = (digits: string): string[] => digits.match(/../g) ?? [];

const fits = (wanted: string, got: string | undefined): boolean =>
  got !== undefined && [...wanted].every((digit, i) => digit === '.' || digit === got[i]);

function dump(bytes: readonly string[], at: number): string {
  const lines: string[] = [];
  for (let row = 0; row < bytes.length; row += 16)
    lines.push(`${(at + row).toString(16).padStart(4, '0')}  ${bytes.slice(row, row + 16).join(' ')}`);
  return lines.join('\n');
}
