/** The setting `ism.hosts`, read with care: people edit settings by hand. */
import * as v from 'valibot';
import type { HostConfig } from './hostState';

/** An entry of the setting: how the host is reached, and what a person wants to be told of it. */
export interface HostSettings extends HostConfig {
  /** A short text beside the name, such as the team that owns it. */
  readonly label?: string;
  /** Marked in the view and named in every confirmation. */
  readonly production?: boolean;
  /** false: stores are not confirmed, which only a lab on this machine may have (stores/confirmationPolicy.ts). */
  readonly confirmStores?: boolean;
}

const Entry = v.object({
  name: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1))),
  destination: v.pipe(v.string(), v.trim(), v.minLength(1)),
  sudo: v.optional(v.picklist(['auto', 'never', 'ask'])),
  label: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(40))),
  production: v.optional(v.boolean()),
  confirmStores: v.optional(v.boolean()),
});

/** Reads the setting; an entry that is not usable is reported and left out, the others still serve. */
export function readHosts(setting: unknown, warn: (sentence: string) => void): HostSettings[] {
  if (!Array.isArray(setting)) {
    warn("The setting 'ism.hosts' must be a list of hosts; it was ignored.");
    return [];
  }
  const hosts: HostSettings[] = [];
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
    const { name = entry.output.destination, ...others } = entry.output;
    if (hosts.some((host) => host.name === name))
      warn(`The setting 'ism.hosts' has '${name}' twice; the second was ignored.`);
    else hosts.push({ name, ...defined(others) });
  }
  return hosts;
}

/** Without the fields that are undefined, so that the setting is written back as it was read. */
function defined(entry: Omit<v.InferOutput<typeof Entry>, 'name'>): Omit<HostSettings, 'name'> {
  const { destination, sudo, label, production, confirmStores } = entry;
  return {
    destination,
    ...(sudo === undefined ? {} : { sudo }),
    ...(label === undefined ? {} : { label }),
    ...(production === undefined ? {} : { production }),
    ...(confirmStores === undefined ? {} : { confirmStores }),
  };
}
