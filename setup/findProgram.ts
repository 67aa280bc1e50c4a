import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Finds a program in PATH and where system programs are, which PATH of a plain user leaves out. A folder that this user may not enter
 * is passed over, as a shell does; Node's own search ends with EACCES there.
 */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => path.join(folder || '.', name)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
