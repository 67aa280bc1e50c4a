import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { Usage } from './usage';

/** @throws Usage with one sentence for what cannot be read as a text */
export function readScriptFile(file: string): string {
  let bytes: Buffer;
  try {
    // A pipe that nobody writes to would keep the program waiting, and no signal would come through.
    const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (fstatSync(handle).isDirectory()) throw new Usage(`${file} is a folder; name the scripts in it.`);
      bytes = readFileSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (error instanceof Usage) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new Usage(
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${file === '' ? "''" : file} does not exist.`
        : `${file} cannot be read (${code ?? 'unknown error'}).`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Usage(`${file} is not a text in UTF-8.`);
  }
}
