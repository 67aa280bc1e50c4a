import { readNamed } from '../../protocol/cappedFile';
import { Usage } from './usage';

/** The largest script that is read, in bytes: so much data as a run may have takes less. */
const maxScriptSize = 64 * 1024 * 1024;

/** @throws Usage with one sentence for what cannot be read as a text */
export function readScriptFile(file: string): string {
  const { bytes, unread } = readNamed(file, maxScriptSize);
  if (!bytes)
    switch (unread.kind) {
      case 'folder':
        throw new Usage(`${file} is a folder; name the scripts in it.`);
      case 'not-regular':
        throw new Usage(`${file} is a device or a socket; name a script.`);
      case 'too-large':
        throw new Usage(
          `${file} is larger than ${maxScriptSize / 1024 / 1024} MiB; make several scripts of it.`,
        );
      case 'system':
        throw new Usage(
          unread.code === 'ENOENT' || unread.code === 'ENOTDIR'
            ? `${file === '' ? "''" : file} does not exist.`
            : `${file} cannot be read (${unread.code}).`,
        );
    }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Usage(`${file} is not a text in UTF-8.`);
  }
}
