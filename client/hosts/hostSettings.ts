/** The setting `ism.hosts`, read with care: people edit settings by hand. */
import * as v from 'valibot';
import type { HostConfig } from './host';

const Entry = v.object({
  name: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1))),
  destination: v.pipe(v.string(), v.trim(), v.minLength(1)),
  sudo: v.optional(v.picklist(['auto', 'never', 'ask'])),
});

/** Reads the setting; an entry that is not usable is reported and left out, the others still serve. */
export function readHosts(setting: unknown, warn: (sentence: string) => void): HostConfig[] {
  if (!Array.isArray(setting)) {
    warn("The setting 'ism.hosts' must be a list of hosts; it was ignored.");
    return [];
  }
  const hosts: HostConfig[] = [];
  for (const [index, value] of (setting as unknown[]).entries()) {
    const entry = v.safeParse(Entry, value);
    if (!entry.success) {
      const where = `Entry ${index + 1} of the setting 'ism.hosts'`;
      const [issue] = entry.issues;
      const field = v.getDotPath(issue);
      warn(
        field === 'destination' || !field
          ? `${where} needs a destination such as user@host; it was ignored.`
          : `${where} has a ${field} that cannot be used; it was ignored.`,
      );
      continue;
    }
    const { destination, sudo } = entry.output;
    const name = entry.output.name ?? destination;
    if (hosts.some((host) => host.name === name))
      warn(`The setting 'ism.hosts' has '${name}' twice; the second was ignored.`);
    else hosts.push({ name, destination, ...(sudo ? { sudo } : {}) });
  }
  return hosts;
}
