/** Texts that a regular expression may take too long over: what it repeats, many times, with an end that it refuses. */
import { parseRegExpLiteral, type AST } from '@eslint-community/regexpp';

/** `before`, then `pump` as often as wanted, then `after`. */
export interface Attack {
  readonly before: string;
  readonly pump: string;
  readonly after: string;
}

/** Letters that classes of characters are asked for. */
const letters = [
  'a',
  '1',
  ' ',
  '\n',
  '*',
  'A',
  '_',
  '/',
  ';',
  ',',
  '-',
  '.',
  '"',
  '\\',
  '(',
  '=',
  '<',
  '\t',
  '#',
];

/** Up to `most` letters that a set of characters contains. */
function members(set: AST.Element, flags: string, most: number): string[] {
  const one = new RegExp(`^${set.raw}$`, flags.replace(/[gym]/g, ''));
  const wide = [...letters, ...letters.map((each) => each.toUpperCase()), ...set.raw];
  return [...new Set(wide)].filter((letter) => one.test(letter)).slice(0, most);
}

/** Some texts that an element matches, the shortest of each way. */
function samples(element: AST.Element, flags: string, most = 3): string[] {
  switch (element.type) {
    case 'Character':
      return [String.fromCodePoint(element.value)];
    case 'CharacterSet':
    case 'CharacterClass':
    case 'ExpressionCharacterClass':
      return members(element, flags, most);
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives.flatMap((each) => [sequence(each.elements, flags)]).slice(0, most + 2);
    case 'Quantifier':
      return samples(element.element, flags, most).map((each) =>
        each.repeat(Math.min(Math.max(element.min, 1), 4)),
      );
    default:
      return [''];
  }
}

const sequence = (elements: readonly AST.Element[], flags: string): string =>
  elements.map((each) => samples(each, flags, 1)[0] ?? '').join('');

/** What can be repeated on the way through a pattern, and what leads there. */
function walk(
  alternatives: readonly AST.Alternative[],
  flags: string,
  before: string,
  found: Map<string, Attack>,
): void {
  const add = (lead: string, pump: string): void => {
    for (const each of [pump, `${pump}\n`])
      if (pump !== '')
        for (const after of ['\u0001', '\n\u0001'])
          found.set(`${lead}|${each}|${after}`, { before: lead, pump: each, after });
  };
  for (const { elements } of alternatives) {
    let lead = before;
    for (const element of elements) {
      if (element.type === 'Quantifier' && element.max > 8)
        for (const pump of samples(element.element, flags, 5)) {
          add(lead, pump);
          if (lead !== '') add('', pump);
        }
      const inner = element.type === 'Quantifier' ? element.element : element;
      if (inner.type === 'Group' || inner.type === 'CapturingGroup')
        walk(inner.alternatives, flags, lead, found);
      if (inner.type === 'Assertion' && 'alternatives' in inner) walk(inner.alternatives, flags, lead, found);
      lead += samples(element, flags, 1)[0] ?? '';
      // What an unanchored search begins with again and again, and never ends.
      add('', lead);
    }
  }
}

/** The attacks on an expression, at most a few hundred. */
export function attacksOn(source: string, flags: string): Attack[] {
  const { pattern } = parseRegExpLiteral(`/${source}/${flags}`);
  const found = new Map<string, Attack>();
  walk(pattern.alternatives, flags, '', found);
  return [...found.values()].slice(0, 400);
}
