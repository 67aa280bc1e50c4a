import { Linter } from '../../server/editor/linter';
import type { Finding } from '../../server/rules/rule';
import type { CParser } from '../../server/syntax/parser';

/** A generator of numbers below a bound that gives the same ones for the same seed (xorshift). */
export function seeded(seed: number): (bound: number) => number {
  let state = seed | 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** What people type, and what parsers trip over. */
const typed = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '"',
  "'",
  '/*',
  '*/',
  '//',
  '\\\n',
  '#if 0\n',
  '#endif\n',
  '#else\n',
  '#define X(a) \\\n',
  'case 1 ... 9:',
  'default:',
  'return -EINVAL;',
  'goto out;',
  'out:',
  'if (',
  'else',
  'switch (index) {',
  'static ',
  'struct vfio_device_ops ops = {',
  '.read = ',
  'info->index',
  'copy_to_user(a, b, c)',
  '__zpci_load(',
  '\t',
  '\n',
  ' ',
  '\0',
  'é',
  '0x',
  '<<',
  '->',
  '...',
  '__user',
  'asm volatile("',
  'list_for_each_entry(a, b, c) {',
];

/**
 * A text after one edit of somebody who types, pastes and deletes without looking.
 * @param pieces what is typed
 */
export function edited(
  text: string,
  original: string,
  random: (bound: number) => number,
  pieces: readonly string[] = typed,
): string {
  const at = random(text.length + 1);
  switch (random(6)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(at + random(80));
    case 2: {
      const from = random(original.length);
      return text.slice(0, at) + original.slice(from, from + random(200)) + text.slice(at);
    }
    case 3: {
      const line = text.lastIndexOf('\n', at) + 1;
      const end = text.indexOf('\n', at);
      return end < 0 ? text : text.slice(0, line) + text.slice(end + 1);
    }
    default:
      return text.slice(0, at) + pieces[random(pieces.length)] + text.slice(at);
  }
}

/** Everything that a reader sees of findings. */
function shown(findings: readonly Finding[]): string {
  return JSON.stringify(
    findings.map(({ rule, severity, path, start, end, function: name, message, related }) => [
      ...[rule, severity, path, start, end, name, message],
      related,
    ]),
  );
}

/** An edit that takes longer, in milliseconds, is looked at again. */
const suspicious = 200;

/** What a run of edits has shown. */
export interface FuzzResult {
  readonly edits: number;
  /** The longest time that one edit took the server, in milliseconds. */
  readonly slowest: number;
  /** How often what was kept from before gave something else than a fresh start, with the first text that did. */
  readonly differences: number;
  readonly firstDifference: string | undefined;
}

/**
 * Edits a file again and again; after each edit the findings that the server works out from what it kept must be those of a
 * fresh start.
 * @param text the file
 * @param edits how many
 * @param seed which ones
 */
export function fuzzEdits(parser: CParser, text: string, edits: number, seed: number): FuzzResult {
  const random = seeded(seed);
  const uri = 'untitled:main.c';
  const kept = new Linter(parser);
  let current = text;
  let slowest = 0;
  let differences = 0;
  let firstDifference: string | undefined;
  for (let count = 0; count < edits; count++) {
    // Edits upon edits make a text that nobody has; now and then the file is as it was.
    const before = current;
    current = count % 40 === 0 ? text : edited(current, text, random);
    const documents = [{ uri, text: current }];
    const start = performance.now();
    const [incremental] = kept.lintFolder('.', documents);
    let took = performance.now() - start;
    // What other programs of the machine took is no part of it: a slow edit is made again.
    for (let again = 0; took > suspicious && again < 3; again++) {
      const other = new Linter(parser);
      other.lintFolder('.', [{ uri, text: before }]);
      const restart = performance.now();
      other.lintFolder('.', documents);
      took = Math.min(took, performance.now() - restart);
    }
    slowest = Math.max(slowest, took);
    const [fresh] = new Linter(parser).lintFolder('.', documents);
    if (shown(incremental?.findings ?? []) === shown(fresh?.findings ?? [])) continue;
    differences++;
    firstDifference ??= current;
  }
  return { edits, slowest, differences, firstDifference };
}
