/** How large a VSIX is, and how much of it is not the helper. */
import { readFileSync } from 'node:fs';

/** Signatures and places of PKWARE's APPNOTE, sections 4.3.12 and 4.3.16. */
const END = 0x06054b50;
const ENTRY = 0x02014b50;

/** Bytes of the whole archive and of what the helper takes of it: compressed, with its name in both directories. */
export interface VsixSize {
  readonly whole: number;
  readonly helper: number;
}

/** What is promised of all but the helper, and of the helper alone. */
export const MOST_BYTES = 1024 * 1024;

/** @throws Error when the file is no zip archive */
export function vsixSize(file: string): VsixSize {
  const zip = readFileSync(file);
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== END) end--;
  if (end < 0) throw new Error(`${file} is no zip archive`);
  let at = zip.readUInt32LE(end + 16);
  let helper = 0;
  for (let entries = zip.readUInt16LE(end + 10); entries > 0; entries--) {
    if (zip.readUInt32LE(at) !== ENTRY) throw new Error(`${file} has a damaged directory`);
    const [name, extra, comment] = [28, 30, 32].map((place) => zip.readUInt16LE(at + place));
    const length = name ?? 0;
    const path = zip.toString('utf8', at + 46, at + 46 + length);
    const next = at + 46 + length + (extra ?? 0) + (comment ?? 0);
    if (path.includes('/dist/helper/')) helper += zip.readUInt32LE(at + 20) + (next - at) + 30 + length;
    at = next;
  }
  return { whole: zip.length, helper };
}
