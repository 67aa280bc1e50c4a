/** Reading ssh_config files ourselves: for machines without ssh, and to offer the hosts that they name. */
import { readFile, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import SSHConfig, { LineType } from 'ssh-config';
import { UserError } from '../base/userError';

/** ssh gives up at the same depth (readconf.c, READCONF_MAX_DEPTH). */
const MAX_DEPTH = 16;

/** `~` and `%d` are the user's home; nothing else in a path is expanded. */
export function expandHome(file: string): string {
  return path.resolve(file.replace(/^~(?=\/|$)|%d/g, homedir()));
}

/** Splits at blanks; double quotes keep them, as in ssh_config. */
export function splitWords(value: string): string[] {
  return [...value.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '');
}

/** The user's own configuration. */
export const userConfigFile = (): string => path.join(homedir(), '.ssh', 'config');

/**
 * A configuration with its Include directives replaced by what they include.
 *
 * @param must a file that does not exist is an error; otherwise it counts as empty
 * @throws UserError when a file is there but cannot be read
 */
export async function readConfigText(file: string, must: boolean, depth = 0): Promise<string> {
  if (depth > MAX_DEPTH)
    throw new UserError(`The SSH configuration ${file} includes itself; correct the file.`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!must && (error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new UserError(`The SSH configuration ${file} cannot be read; check the file.`, String(error));
  }
  const lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const included = /^include[\s=](.*)$/i.exec(line.trim())?.[1]?.trim();
    if (!included) lines.push(line);
    else
      for (const pattern of splitWords(included.startsWith('=') ? included.slice(1) : included))
        for (const found of await expandPattern(pattern))
          lines.push(await readConfigText(found, false, depth + 1));
  }
  return lines.join('\n');
}

/** Relative names are below ~/.ssh; `*` and `?` stand for characters of one path component. */
async function expandPattern(pattern: string): Promise<string[]> {
  const full = expandHome(
    pattern.startsWith('~') || path.isAbsolute(pattern) ? pattern : `~/.ssh/${pattern}`,
  );
  let found = ['/'];
  for (const part of full.split('/').filter((name) => name !== '')) {
    const next: string[] = [];
    for (const folder of found) {
      if (!/[*?[]/.test(part)) next.push(path.join(folder, part));
      else {
        const regex = new RegExp(
          `^${part
            .replace(/[.+^${}()|\\]/g, '\\$&')
            .replace(/\*/g, '.*')
            .replace(/\?/g, '.')}$`,
        );
        const names = await readdir(folder).catch(() => []);
        next.push(
          ...names
            .filter((name) => regex.test(name) && (!name.startsWith('.') || part.startsWith('.')))
            .sort()
            .map((name) => path.join(folder, name)),
        );
      }
    }
    found = next;
  }
  return found;
}

/**
 * What applies to a host without asking ssh. `Match exec` is never run: the library leaves such blocks out unless it is
 * told to run them.
 *
 * @returns keywords in lower case with their values; one that has a blank is in double quotes, as {@link splitWords} takes them
 */
export async function computeOptions(host: string, configFile?: string): Promise<Map<string, string[]>> {
  const file = configFile ?? userConfigFile();
  const text = await readConfigText(file, configFile !== undefined);
  const options = new Map<string, string[]>();
  try {
    const computed = withQuotes(SSHConfig.parse(text)).compute(host, { ignoreCase: true, matchExec: false });
    for (const [key, value] of Object.entries(computed))
      options.set(key.toLowerCase(), Array.isArray(value) ? value : [value]);
  } catch (error) {
    throw new UserError(
      `The SSH configuration ${file} cannot be understood; correct the file.`,
      String(error),
    );
  }
  return options;
}

/** The library drops quotes, after which a blank in a path cannot be told from one between two paths: they are put back. */
function withQuotes(config: SSHConfig): SSHConfig {
  const quote = (value: string): string => (/\s/.test(value) && !value.includes('"') ? `"${value}"` : value);
  for (const line of config) {
    if (line.type !== LineType.DIRECTIVE) continue;
    if ('config' in line) withQuotes(line.config);
    else if (Array.isArray(line.value))
      line.value = line.value.map((each) => (each.quoted ? { ...each, val: quote(each.val) } : each));
    // Of several values the library makes a list, so a blank in a single one was in quotes.
    else if (line.quoted || /^(user|global)knownhostsfile$/i.test(line.param)) line.value = quote(line.value);
  }
  return config;
}

/** The aliases that a configuration names: Host patterns without wildcards, in their order, each once. */
export async function configuredHosts(configFile?: string): Promise<string[]> {
  const text = await readConfigText(configFile ? expandHome(configFile) : userConfigFile(), false);
  const names: string[] = [];
  for (const line of SSHConfig.parse(text)) {
    if (line.type !== LineType.DIRECTIVE || line.param.toLowerCase() !== 'host') continue;
    const values = Array.isArray(line.value) ? line.value.map(({ val }) => val) : [line.value];
    names.push(...values.filter((name) => !/[*?!]/.test(name)));
  }
  return [...new Set(names)];
}
