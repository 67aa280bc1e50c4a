import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One enabled source of binary packages, for one URI. See sources.list(5). */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Options with lower-case names as in deb822, for example 'signed-by', 'trusted', 'check-valid-until'. */
  readonly options: Readonly<Record<string, string>>;
}

/** Reads the sources of binary packages that are configured below a folder, normally /etc/apt. */
export function readAptSources(folder = '/etc/apt'): AptSource[] {
  const sources = parseOneLine(readText(path.join(folder, 'sources.list')));
  const parts = path.join(folder, 'sources.list.d');
  for (const name of listFolder(parts).sort()) {
    const text = () => readText(path.join(parts, name));
    if (name.endsWith('.list')) sources.push(...parseOneLine(text()));
    else if (name.endsWith('.sources')) sources.push(...parseDeb822(text()));
  }
  return sources;
}

/** Parses the one-line format: `deb [option=value ...] uri suite component ...`. */
export function parseOneLine(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*(.*)$/.exec(line.replace(/#.*/, ''));
    if (!match) continue;
    const [, bracket = '', uri = '', suite = '', components = ''] = match;
    const options: Record<string, string> = {};
    for (const [, name = '', value = ''] of bracket.matchAll(/([\w-]+)\s*\+?=\s*(\S+)/g))
      options[longName(name.toLowerCase())] = value.replaceAll(',', ' ');
    sources.push({ uri, suites: [suite], components: words(components), options });
  }
  return sources;
}

/** Parses the deb822 format: stanzas of `Field: value`, continued on lines that start with a blank. */
export function parseDeb822(text: string): AptSource[] {
  const sources: AptSource[] = [];
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  for (const stanza of lines.join('\n').split(/\n\s*\n/)) {
    const fields: Record<string, string> = {};
    let last = '';
    for (const line of stanza.split('\n')) {
      const field = /^([\w-]+):\s*(.*)$/.exec(line);
      if (field) fields[(last = (field[1] ?? '').toLowerCase())] = field[2] ?? '';
      else if (/^\s/.test(line) && last) fields[last] += `\n${line}`;
    }
    const { types = '', uris = '', suites = '', components = '', enabled = 'yes', ...options } = fields;
    if (!words(types).includes('deb') || /^(no|false|without|off|disable|0)$/i.test(enabled.trim())) continue;
    for (const uri of words(uris))
      sources.push({ uri, suites: words(suites), components: words(components), options });
  }
  return sources;
}

/** The deb822 text of sources, with the same options, for a private apt. */
export function formatDeb822(sources: readonly AptSource[]): string {
  return sources
    .map((source) =>
      [
        'Types: deb',
        `URIs: ${source.uri}`,
        `Suites: ${source.suites.join(' ')}`,
        `Components: ${source.components.join(' ')}`,
        ...Object.entries(source.options).map(([name, value]) => `${name}: ${value}`),
        '',
      ].join('\n'),
    )
    .join('\n');
}

/** The one-line format abbreviates two names; sources.list(5) lists all of them. */
function longName(name: string): string {
  return { arch: 'architectures', lang: 'languages', target: 'targets' }[name] ?? name;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
