/**
 * Writing to a journal that others write to as well: after a line that a full disk or a crash cut short, and at the same
 * time as other windows. A line counts as written only when it was read back whole.
 */
import { constants } from 'node:fs';
import { open, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

/** From this size on the file becomes an old part and a new one begins. Bytes. */
export const PART_BYTES = 16 << 20;

/** Another window may cut its line short between our look at the end and our write. */
const TRIES = 5;

/** Lines that are not in the journal although they were to be; `code` is the file system's (ENOSPC, EROFS, ...). */
export class AppendError extends Error {
  override readonly name = 'AppendError';
  readonly code: string | undefined;
  constructor(
    readonly missing: readonly string[],
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.code = (cause as NodeJS.ErrnoException | undefined)?.code;
  }
}

/**
 * Appends lines, syncs them to disk and reads them back.
 *
 * @param lines each with its line feed and without another one
 * @throws AppendError with the lines that are not in the file; the others are
 */
export async function appendLines(file: string, lines: readonly string[]): Promise<void> {
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
  let missing = lines;
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, flags, 0o600);
    if (!(await handle.stat()).isFile()) throw new Error(`${file} is not a regular file`);
    for (let attempt = 0; missing.length > 0; attempt++) {
      if (attempt === TRIES)
        throw new Error(`${missing.length} lines were written to ${file} and are not in it`);
      const { size } = await handle.stat();
      try {
        await write(handle, size, missing);
      } finally {
        missing = await notIn(handle, Math.max(0, size - 1), missing);
      }
    }
    if ((await handle.stat()).size > PART_BYTES) await makeOldPart(file);
  } catch (error) {
    if (missing.length > 0) throw new AppendError(missing, error);
  } finally {
    await handle?.close();
  }
}

async function write(handle: FileHandle, size: number, lines: readonly string[]): Promise<void> {
  const begin = (await endsWithLineFeed(handle, size)) ? '' : '\n';
  const bytes = Buffer.from(begin + lines.join(''), 'utf8');
  // One write, which O_APPEND keeps in one piece on a local file system.
  const { bytesWritten } = await handle.write(bytes, 0, bytes.length, null);
  // The rest too, so that its reason (a full disk, say) comes as an error. What this cuts in two is found missing.
  if (bytesWritten < bytes.length) await handle.write(bytes, bytesWritten, bytes.length - bytesWritten, null);
  await handle.sync();
}

/** The lines that the file does not have whole behind `start`. */
async function notIn(
  handle: FileHandle,
  start: number,
  lines: readonly string[],
): Promise<readonly string[]> {
  const present = new Set(await linesFrom(handle, start));
  return lines.filter((line) => !present.has(line.slice(0, -1)));
}

async function endsWithLineFeed(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 1 && buffer[0] === 0x0a;
}

/** The whole lines from the first line feed at or behind `start`. */
async function linesFrom(handle: FileHandle, start: number): Promise<string[]> {
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(size - start);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, start + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  const pieces = bytes.toString('utf8', 0, length).split('\n');
  // The first piece is the end of a line that was there before, unless the file begins here; the last has no line feed yet.
  return pieces.slice(start === 0 ? 0 : 1, -1);
}

/** `stores.jsonl` becomes `stores-TIME.jsonl`. Another window that does the same at the same time makes one part more. */
async function makeOldPart(file: string): Promise<void> {
  const { dir, name, ext } = path.parse(file);
  const time = new Date().toISOString().replace(/[-:.]/g, '');
  const old = path.join(dir, `${name}-${time}-${process.pid}${ext}`);
  // Another window may have been faster: then the file is small again, or not there.
  const size = await stat(file).then(
    (status) => status.size,
    () => 0,
  );
  if (size > PART_BYTES) await rename(file, old).catch(() => undefined);
}

/** Writes a file of our own that is there whole or not at all, also after a crash. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.tmp`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await handle.close();
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}

/** So that the name outlives a power failure; some systems cannot sync a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
