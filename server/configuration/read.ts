import {
  createScanner,
  findNodeAtLocation,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import * as v from 'valibot';
import { nearest } from '../../storescript/suggest';
import type { Span } from '../syntax/lexer/tokens';
import { configurationSchema, type Configuration } from './schema';

/** Something wrong with a configuration, where it stands. */
export interface ConfigurationProblem extends Span {
  readonly message: string;
}

/** A configuration with what is wrong with it; wrong values are left out, the others count. */
export interface ReadConfiguration {
  readonly configuration: Configuration;
  readonly problems: readonly ConfigurationProblem[];
}

/** The parser's words for what is no JSON. */
const syntaxWords: Readonly<Record<string, string>> = {
  InvalidSymbol: 'This is not a JSON value.',
  InvalidNumberFormat: 'This is not a number.',
  PropertyNameExpected: 'Expected a name in double quotes.',
  ValueExpected: 'Expected a value.',
  ColonExpected: 'Expected a colon.',
  CommaExpected: 'Expected a comma.',
  CloseBraceExpected: 'Expected a closing brace }.',
  CloseBracketExpected: 'Expected a closing bracket ].',
  EndOfFileExpected: 'Expected the end of the file.',
  UnexpectedEndOfComment: 'The comment is not closed.',
  UnexpectedEndOfString: 'The string is not closed.',
};

/** A word that is longer than this is not a typing mistake. */
const maxWord = 100;

/** Suggests the known word that is closest, or lists the known words when there are few. */
function advice(word: string, known: readonly string[]): string {
  if (word.length > maxWord) return '';
  const best = nearest(word, known);
  if (best !== undefined) return ` Did you mean '${best}'?`;
  return known.length <= 6 ? ` There are ${known.join(', ')}.` : ' ism-lint --list-rules prints all rules.';
}

type Issue = v.BaseIssue<unknown>;

function pathOf(issue: Issue): (string | number)[] {
  return (issue.path ?? []).map(({ key }) => key as string | number);
}

/** The names that an object may hold at a place of a configuration. */
function namesAt(path: readonly (string | number)[]): string[] {
  const at: (string | number)[] = [...path];
  const inRules = at.at(-1) === 'rules';
  const entries: Readonly<Record<string, unknown>> = inRules
    ? configurationSchema.entries.rules.wrapped.pipe[0].entries
    : at.length > 0
      ? { paths: 1, rules: 1 }
      : configurationSchema.entries;
  return Object.keys(entries).filter((name) => name !== '$schema');
}

/** One sentence for an issue: what is wrong, and with an unknown name what may be meant. */
function sentence(issue: Issue): string {
  const path = pathOf(issue);
  const name = String(path.at(-1));
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const parent = path.slice(0, -1);
    const what =
      parent.at(-1) === 'rules' ? `There is no rule '${name}'.` : `'${name}' is not a known name here.`;
    return what + advice(name, namesAt(parent));
  }
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `'${name}' is missing here.`;
  return issue.message;
}

/** Whether the name of a value is wrong, and not the value. */
function isAboutName(issue: Issue): boolean {
  return (
    issue.path?.at(-1)?.origin === 'key' || (issue.type === 'strict_object' && issue.expected === 'never')
  );
}

/** Where a path leads: to the value, or to its name; for something that is missing, to what it is missing in. */
function spanOf(path: readonly (string | number)[], isName: boolean, tree: Node): Span {
  let node = path.length > 0 ? findNodeAtLocation(tree, [...path]) : tree;
  if (isName && node?.parent?.children?.[0]) node = node.parent.children[0];
  for (let up = [...path]; !node && up.length > 0;) {
    up = up.slice(0, -1);
    node = up.length > 0 ? findNodeAtLocation(tree, up) : tree;
  }
  return { start: (node ?? tree).offset, end: (node ?? tree).offset + (node ?? tree).length };
}

/** To the schema an array is an object with numbers for names; to whoever wrote one it is not. */
function arraysForObjects(value: unknown): (readonly [(string | number)[], string])[] {
  const get = (from: unknown, name: string): unknown =>
    typeof from === 'object' && from !== null ? (Reflect.get(from, name) as unknown) : undefined;
  if (Array.isArray(value)) return [[[], 'The configuration must be an object.']];
  const found: (readonly [(string | number)[], string])[] = [];
  if (Array.isArray(get(value, 'rules')))
    found.push([['rules'], 'rules must be an object such as { "RULE": "off" }.']);
  if (Array.isArray(get(value, 'wrappers')))
    found.push([['wrappers'], 'wrappers must be an object such as { "my_copy": "copy_to_user" }.']);
  const overrides = get(value, 'overrides');
  if (Array.isArray(overrides))
    overrides.forEach((each, at) => {
      if (Array.isArray(each))
        found.push([['overrides', at], 'An override must be an object with paths and rules.']);
      else if (Array.isArray(get(each, 'rules')))
        found.push([['overrides', at, 'rules'], 'rules must be an object such as { "RULE": "off" }.']);
    });
  return found;
}

/** Takes the values away that issues are about, so that what is right can count. */
function without(
  value: unknown,
  places: readonly { readonly path: readonly (string | number)[]; readonly missing: boolean }[],
): unknown {
  const copy: unknown = structuredClone(value);
  for (const { path: place, missing } of places) {
    const path = [...place];
    const last = path.pop();
    if (last === undefined) return {};
    let holder: unknown = copy;
    for (const key of path)
      holder = typeof holder === 'object' && holder !== null ? Reflect.get(holder, key) : undefined;
    // An override without one of its parts says nothing: its paths fit no file.
    if (typeof holder !== 'object' || holder === null) continue;
    if (Array.isArray(holder)) holder[Number(last)] = undefined;
    else if (missing) Reflect.set(holder, last, last === 'paths' ? [] : {});
    else Reflect.deleteProperty(holder, last);
  }
  return compact(copy);
}

/** Removes the holes that taken away entries leave in arrays. */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((each) => each !== undefined).map(compact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, compact(each)]));
}

/**
 * Checks a value against the schema.
 * @param value what was written
 * @param place says where something stands: a value by its path, or its name when that is what is wrong
 */
export function checkConfiguration(
  value: unknown,
  place: (path: readonly (string | number)[], isName: boolean) => Span,
): ReadConfiguration {
  const arrays = arraysForObjects(value);
  const problems: ConfigurationProblem[] = arrays.map(([path, message]) => ({
    ...place(path, false),
    message,
  }));
  let remaining = without(
    value,
    arrays.map(([path]) => ({ path, missing: false })),
  );
  // What is left after taking a wrong value away can lack something in turn; three rounds reach the deepest place.
  for (let round = 0; round < 3; round++) {
    const result = v.safeParse(configurationSchema, remaining);
    if (result.success) return { configuration: result.output, problems };
    if (round === 0)
      for (const issue of result.issues.slice(0, maxProblems))
        problems.push({ ...place(pathOf(issue), isAboutName(issue)), message: sentence(issue) });
    remaining = without(
      remaining,
      result.issues.map((issue) => ({ path: pathOf(issue), missing: issue.received === 'undefined' })),
    );
  }
  return { configuration: {}, problems };
}

/** The most mistakes of a configuration that are reported; each is looked up in all of it. */
const maxProblems = 100;

/** Offsets around which the parser found no JSON, each once: one mistake can give several errors at one place. */
function syntaxProblems(errors: readonly ParseError[]): ConfigurationProblem[] {
  const [first] = errors;
  if (!first) return [];
  const message = syntaxWords[printParseErrorCode(first.error)] ?? 'This is not JSON.';
  return [{ start: first.offset, end: first.offset + Math.max(first.length, 1), message }];
}

/**
 * Reads the text of an `.ism-lint.json`. Comments and trailing commas are allowed.
 * @param text the text; a byte order mark is ignored
 */
export function readConfiguration(text: string): ReadConfiguration {
  const errors: ParseError[] = [];
  const plain = text.replace(/^\uFEFF/, ' ');
  const deep = tooDeep(plain);
  if (deep !== undefined)
    return {
      configuration: {},
      problems: [{ start: deep, end: deep + 1, message: 'The configuration nests too deeply.' }],
    };
  const tree = parseTree(plain, errors, { allowTrailingComma: true });
  const syntax = syntaxProblems(errors);
  if (plain.trim() === '')
    return {
      configuration: {},
      problems: [{ start: 0, end: 1, message: 'The configuration is empty. Write {}.' }],
    };
  if (!tree || syntax.length > 0) return { configuration: {}, problems: syntax };
  const { configuration, problems } = checkConfiguration(valueOf(tree), (path, isName) =>
    spanOf(path, isName, tree),
  );
  return { configuration, problems: [...problems, ...namesTwice(tree)] };
}

/** The scanner's numbers: its enumeration is there for the compiler only. */
const tokens = { open: [1, 3], close: [2, 4], end: 17 };

/** No configuration nests deeper than its overrides do, which is half of it. */
const maxDepth = 10;

/** Where a text nests too deeply to be read, if it does: all that reads it goes from level to level. */
function tooDeep(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token: number = scanner.scan(); token !== tokens.end; token = scanner.scan())
    if (tokens.open.includes(token)) {
      if (++depth > maxDepth) return scanner.getTokenOffset();
    } else if (tokens.close.includes(token)) depth--;
  return undefined;
}

/** Names that their object has already: what was set first would be lost without a word. */
function namesTwice(node: Node): ConfigurationProblem[] {
  const seen = new Set<string>();
  return (node.children ?? []).flatMap((child) => {
    const [key] = child.type === 'property' ? (child.children ?? []) : [];
    const name = String(key?.value);
    const twice = key !== undefined && seen.has(name);
    seen.add(name);
    const own = twice
      ? [
          {
            start: key.offset,
            end: key.offset + key.length,
            message: `'${name}' is set already; remove one of the two.`,
          },
        ]
      : [];
    return [...own, ...namesTwice(child)];
  });
}

/** The value of a tree. A name that is written twice has its last value, as everywhere in JSON. */
function valueOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(valueOf);
  if (node.type !== 'object') return node.value as unknown;
  const entries = (node.children ?? []).flatMap(({ children }): [string, unknown][] => {
    const [key, value] = children ?? [];
    return key && value ? [[String(key.value), valueOf(value)]] : [];
  });
  return Object.fromEntries(entries);
}
