import { withoutBlockComments } from '../syntax/comments';
import { directiveParts } from '../syntax/lexer/conditionals';
import type { Item } from '../syntax/lexer/items';
import type { SourceFile } from '../syntax/sourceFile';

/** A macro as it is defined. */
export interface Macro {
  readonly name: string;
  /** The names of its parameters; undefined for a macro without parentheses. */
  readonly parameters: readonly string[] | undefined;
  /** What it stands for, on one line and without comments. */
  readonly body: string;
}

const head = /^(\w+)(\(([^)]*)\))?/;

/** The macro that a preprocessor line defines. */
export function readMacro(source: SourceFile, item: Item): Macro | undefined {
  const { word, rest } = directiveParts(source.text.slice(item.start, item.end));
  if (word !== 'define') return undefined;
  const match = head.exec(rest);
  if (!match?.[1]) return undefined;
  const body = withoutBlockComments(rest.slice(match[0].length))
    .replace(/\/\/.*/g, ' ')
    .replace(/\\\r?\n/g, ' ')
    .trim();
  const parameters =
    match[2] === undefined ? undefined : (match[3] ?? '').split(',').map((name) => name.trim());
  return { name: match[1], parameters: parameters?.filter((name) => name !== ''), body };
}
