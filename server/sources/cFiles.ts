import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Whether a file is C by its name. */
export const isSource = (name: string): boolean => /\.[ch]$/.test(name);

/** The C files beside a file: a driver is often spread over the files of its folder. */
export function siblings(file: string, most = 200): string[] {
  const folder = path.dirname(file);
  try {
    return readdirSync(folder)
      .filter(isSource)
      .sort()
      .slice(0, most)
      .map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}
