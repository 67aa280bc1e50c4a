/** Several file names on one line of `ssh -G`, which prints them with blanks between and blanks inside, all alike. */
import { existsSync } from 'node:fs';
import { expandHome, splitWords } from './sshConfigFiles';
import { UserError } from '../base/userError';

/** More names than anybody lists; the readings of a line double with each. */
const MOST_NAMES = 10;

/**
 * The names in a line. ssh has expanded them, so each begins with `/` or `~`; a word that does not belongs to the name before it. Where
 * that leaves several readings, the one that has every file which exists is taken.
 *
 * @param keyword of ssh_config, for the message
 * @throws UserError when no reading has all of them: the wrong one would overlook a file, and with it a revoked key
 */
export function splitFiles(value: string, keyword: string): string[] {
  const words = value.split(' ');
  if (words.length === 1) return value === '' ? [] : [value];
  const starts = words.flatMap((word, index) => (/^[/~]/.test(word) ? [index] : []));
  if (starts[0] !== 0 || starts.length > MOST_NAMES) throw unclear(keyword, value);
  const namesAt = (begins: readonly number[]): string[] =>
    begins.map((begin, index) => words.slice(begin, begins[index + 1]).join(' '));
  const existing = (names: readonly string[]): string[] =>
    names.filter((name) => existsSync(expandHome(name)));
  // Bit i says whether starts[i + 1] begins a name of its own. All bits set is the reading without blanks, which comes first.
  const readings = Array.from({ length: 1 << (starts.length - 1) }, (_, choice) =>
    namesAt(starts.filter((_begin, index) => index === 0 || ((~choice >> (index - 1)) & 1) === 1)),
  );
  const all = new Set(readings.flatMap(existing));
  const reading = readings.find((names) => existing(names).length === all.size);
  if (!reading) throw unclear(keyword, value);
  return reading;
}

/**
 * The names in a line of ssh_config itself, where quotes say what belongs together. A relative name would be looked for in whatever folder
 * this program runs.
 *
 * @throws UserError for a relative name
 */
export function quotedFiles(value: string, keyword: string): string[] {
  const names = splitWords(value);
  if (!names.every((name) => /^([/~]|%d|none$)/i.test(name))) throw unclear(keyword, value);
  return names;
}

const unclear = (keyword: string, value: string): UserError =>
  new UserError(
    `The SSH configuration's ${keyword} can be read in more than one way (${value}); give the files absolute names without blanks.`,
  );
