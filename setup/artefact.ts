import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SetupContext } from './context';
import { withLock } from './lock';
import { SetupError } from './setupError';

/** A short key for anything that JSON can hold; equal content gives equal keys. */
export function contentKey(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}

/**
 * Returns a folder of the cache and fills it first when it is not there yet. It is filled under another name and
 * renamed as the last step, so a folder that exists is complete and an interrupted run leaves only what the next one
 * clears away.
 * @param name path below the cache folder; must contain a key of everything that decides the content
 * @param fill gets the folder to write to and the path under which its content will be found afterwards
 */
export async function artefact(
  setup: SetupContext,
  name: string,
  fill: (temporary: string, final: string) => Promise<void>,
): Promise<string> {
  const final = path.join(setup.cache, name);
  if (existsSync(final)) return final;
  return withLock(setup, name, async () => {
    if (existsSync(final)) return final;
    const temporary = `${final}.part`;
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    try {
      await fill(temporary, final);
      renameSync(temporary, final);
    } catch (error) {
      throw explainDisk(error, setup.cache);
    }
    return final;
  });
}

/** Reads a JSON file of the cache; undefined when it is missing or unreadable, since it can always be made again. */
export function readRecord<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** Writes a JSON file so that readers see the old content or the new one, never a half. */
export function writeRecord(file: string, content: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.part`;
  writeFileSync(temporary, `${JSON.stringify(content, undefined, 2)}\n`);
  renameSync(temporary, file);
}

/** Gives Node's own "no space" errors the sentence that a person needs; other errors pass through. */
function explainDisk(error: unknown, cache: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SetupError(
      `The disk that holds ${cache} is full; free about 2 GB or set ISM_CACHE to a folder on another disk.`,
    );
  return error;
}
