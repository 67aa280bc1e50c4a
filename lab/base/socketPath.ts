import { closeSync, constants, openSync } from 'node:fs';

/**
 * Calls `use` with a path of a socket that is short enough for the kernel: names of Unix sockets take 107 characters, while a
 * cache folder may be anywhere. The way leads through an open descriptor of the folder.
 */
export async function withSocketPath<T>(
  folder: string,
  name: string,
  use: (socketPath: string) => Promise<T>,
): Promise<T> {
  const handle = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await use(`/proc/self/fd/${handle}/${name}`);
  } finally {
    closeSync(handle);
  }
}
