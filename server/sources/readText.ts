import { isUtf8 } from 'node:buffer';
import { readCapped, type Unread } from '../../protocol/cappedFile';
import type { SourceFile } from '../syntax/sourceFile';
import { wordsFor } from './systemErrors';

/** Files beyond this size are generated or no C; a driver of 20,000 lines has half of it. */
export const defaultMaxFileSize = 2 * 1024 * 1024;

/** The text of a file, or one sentence that says why it is not read. */
export type ReadResult = { readonly text: string; readonly relevant: boolean } | { readonly skipped: string };

/** What only files that concern the rules contain. */
const marks = ['vfio', 'VFIO', 'zpci', 'ZPCI'];

/** Whether bytes mention anything that a rule is about. */
function concerns(bytes: Buffer): boolean {
  return marks.some((mark) => bytes.includes(mark));
}

/** Whether a text mentions anything that a rule is about. */
export function concernsRules(text: string): boolean {
  return marks.some((mark) => text.includes(mark));
}

/** The line, from 1, on which UTF-8 ends to be valid. */
function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newLine = bytes.indexOf(10, start);
    const end = newLine < 0 ? bytes.length : newLine + 1;
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end;
  }
  return line;
}

/**
 * Reads bytes as a C text.
 * @param bytes the content of a file
 */
export function decode(bytes: Buffer): ReadResult {
  if (bytes.includes(0)) return { skipped: 'It contains NUL bytes and is not text.' };
  // What no rule is about needs no words, however it is encoded.
  const relevant = concerns(bytes);
  if (relevant && !isUtf8(bytes))
    return { skipped: `It is not valid UTF-8 (line ${firstBadLine(bytes)}). Convert it first.` };
  return { text: relevant ? bytes.toString('utf8') : '', relevant };
}

/** One sentence that says why a file was not read. */
function sentence(unread: Unread, cap: number): string {
  switch (unread.kind) {
    case 'system':
      return `It cannot be read: ${wordsFor(unread.code)}.`;
    case 'folder':
    case 'not-regular':
      return 'It is not a regular file.';
    case 'too-large':
      return `It is larger than ${Math.round(cap / 1024)} KiB (${Math.round(unread.size / 1024)} KiB).`;
  }
}

/** Where files are read to; what is kept of one is a string. It is larger than all but the largest. */
let scratch: Buffer | undefined;
const scratchSize = defaultMaxFileSize + 1;

/**
 * Reads a file without ever reading more than the cap.
 * @param path the file
 * @param maxSize the cap in bytes
 */
export function readText(path: string, maxSize = defaultMaxFileSize): ReadResult {
  scratch ??= Buffer.allocUnsafe(scratchSize);
  const { bytes, unread } = readCapped(path, maxSize, scratch);
  return bytes ? decode(bytes) : { skipped: sentence(unread, maxSize) };
}

/** Why a file was not looked at as a whole: an item of it could not be parsed. */
export function reasonUnread(source: SourceFile): string | undefined {
  if (!source.unread) return undefined;
  const { line } = source.lines.position(source.unread.start);
  return `The code from line ${line + 1} is skipped: it nests too deeply or takes too long to parse.`;
}
