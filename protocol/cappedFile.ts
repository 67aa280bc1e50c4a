/** The one way in which the programs read a file that somebody else may have made: regular files only, and never more than a cap. */
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** Why a file was not read. `system` has the name of the system's error, such as ENOENT. */
export type Unread =
  | { readonly kind: 'system'; readonly code: string }
  | { readonly kind: 'folder' }
  | { readonly kind: 'not-regular' }
  | { readonly kind: 'too-large'; readonly size: number };

/** The bytes of a file, or why there are none. */
export type CappedRead =
  | { readonly bytes: Buffer; readonly unread?: undefined }
  | { readonly bytes?: undefined; readonly unread: Unread };

const chunk = 64 * 1024;

const refused = (unread: Unread): CappedRead => ({ unread });

/** What speaks against reading something with these attributes. */
function objection(stat: ReturnType<typeof statSync>, cap: number): Unread | undefined {
  if (!stat) return { kind: 'system', code: 'ENOENT' };
  if (stat.isDirectory()) return { kind: 'folder' };
  if (!stat.isFile()) return { kind: 'not-regular' };
  return stat.size > cap ? { kind: 'too-large', size: Number(stat.size) } : undefined;
}

/**
 * Reads a file as a whole, or not at all. Never throws, never waits for a writer, and opens no device.
 *
 * The cap holds for what is read and not only for the size that the file claims: those of procfs claim 0 and go on for ever.
 *
 * @param file its path
 * @param cap the most bytes that it may have
 * @param into where the bytes go when they fit: who reads thousands of files need not leave each one's to the garbage collector
 */
export function readCapped(file: string, cap: number, into?: Buffer): CappedRead {
  let handle: number;
  try {
    // To open a device can already do something, so what it is is asked before; what was opened is asked again below.
    const before = objection(statSync(file), cap);
    if (before) return refused(before);
    // A pipe that takes the place of the file meanwhile must not keep the program waiting.
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    return refused({ kind: 'system', code: codeOf(error) });
  }
  try {
    const stat = fstatSync(handle);
    const found = objection(stat, cap);
    if (found) return refused(found);
    return readAtMost(handle, stat.size, cap, into);
  } catch (error) {
    return refused({ kind: 'system', code: codeOf(error) });
  } finally {
    closeSync(handle);
  }
}

/** @param claimed the size that the file claims to have */
function readAtMost(handle: number, claimed: number, cap: number, into?: Buffer): CappedRead {
  // One byte more than claimed, so that the end is met without another piece; those of procfs want whole words.
  const room = claimed > 0 ? claimed + 1 : chunk;
  let bytes = into && into.length >= room ? into : Buffer.allocUnsafe(room);
  let size = 0;
  for (;;) {
    const count = readSync(handle, bytes, size, bytes.length - size, null);
    if (count === 0) return { bytes: bytes.subarray(0, size) };
    size += count;
    if (size > cap) return refused({ kind: 'too-large', size });
    if (size === bytes.length) {
      const larger = Buffer.allocUnsafe(bytes.length * 2);
      bytes.copy(larger, 0, 0, size);
      bytes = larger;
    }
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';

/**
 * Reads what a user named on the command line: a regular file, or a pipe such as a shell makes of a command, until its end.
 * Waits for what the writer of a pipe still has to say, but not for a writer. Never throws.
 *
 * @param file its path, or 0 for the standard input
 * @param cap the most bytes that it may have
 */
export function readNamed(file: string | 0, cap: number): CappedRead {
  let handle: number;
  try {
    if (file !== 0) {
      const stat = statSync(file);
      if (!stat.isFIFO()) return readCapped(file, cap);
    }
    handle = file === 0 ? 0 : openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return refused({ kind: 'system', code: codeOf(error) });
  }
  try {
    return drain(handle, cap);
  } finally {
    if (handle !== 0) closeSync(handle);
  }
}

function drain(handle: number, cap: number): CappedRead {
  const parts: Buffer[] = [];
  for (let size = 0; ;) {
    const part = Buffer.allocUnsafe(chunk);
    let count: number;
    try {
      count = readSync(handle, part, 0, part.length, null);
    } catch (error) {
      const code = codeOf(error);
      // A terminal or a pipe without a writer yet has nothing at this moment.
      if (code === 'EAGAIN') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
        continue;
      }
      if (code === 'EOF') count = 0;
      else return refused(code === 'EISDIR' ? { kind: 'folder' } : { kind: 'system', code });
    }
    if (count === 0) return { bytes: Buffer.concat(parts) };
    size += count;
    if (size > cap) return refused({ kind: 'too-large', size });
    parts.push(part.subarray(0, count));
  }
}
