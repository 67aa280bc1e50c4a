import { existsSync } from 'node:fs';
import path from 'node:path';

/** Path of a file of the project, from wherever in dist/ the calling bundle is. */
export function projectFile(name: string): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json')) && path.dirname(folder) !== folder)
    folder = path.dirname(folder);
  return path.join(folder, name);
}
