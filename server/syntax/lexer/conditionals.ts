import { Char, TokenKind, type TokenList } from './tokens';

/** What is done with a preprocessor line, or with a token between such lines. */
export const enum Fate {
  /** Nothing is wrong with it. */
  Keep,
  /** It belongs to an alternative that cannot be parsed beside the first one, or to `#if 0`: it becomes white space. */
  Drop,
}

/** One `#if` with its alternatives, as token indexes. */
export interface Conditional {
  /** The `#if`, `#ifdef` or `#ifndef`. */
  readonly opening: number;
  /** Every `#elif` and `#else`, in order. */
  readonly alternatives: readonly number[];
  /** The `#endif`. */
  readonly closing: number;
}

/** The conditionals of a file, and which tokens they take away. */
export interface Conditionals {
  /** By the token index of each of its lines. */
  readonly byLine: ReadonlyMap<number, Conditional>;
  /** What becomes of each token. */
  readonly fates: Uint8Array;
}

const directivePattern = /^#\s*(\w+)\s*(.*)/s;

/** The word behind `#`, as `ifdef`, and what follows it. */
export function directiveParts(line: string): { word: string; rest: string } {
  const match = directivePattern.exec(line);
  return { word: match?.[1] ?? '', rest: match?.[2] ?? '' };
}

/** Conditionals nested deeper than this are no code that a person wrote; they are not looked into. */
const maxDepth = 40;

/** Pairs every `#if` with its `#else` and `#endif`; one that is never closed is left out. */
function pair(tokens: TokenList): Conditional[] {
  const found: Conditional[] = [];
  const open: { opening: number; alternatives: number[] }[] = [];
  for (let index = 0; index < tokens.length; index++) {
    if (tokens.kind(index) !== TokenKind.Directive) continue;
    const { word } = directiveParts(tokens.spelling(index));
    if (word === 'if' || word === 'ifdef' || word === 'ifndef')
      open.push({ opening: index, alternatives: [] });
    else if (word === 'elif' || word === 'else') open.at(-1)?.alternatives.push(index);
    else if (word === 'endif') {
      const top = open.pop();
      if (top && open.length < maxDepth) found.push({ ...top, closing: index });
    }
  }
  return found;
}

/** Whether the brackets between two tokens close what they open, and nothing else. */
function balanced(tokens: TokenList, from: number, to: number): boolean {
  let depth = 0;
  for (let index = from; index < to; index++) {
    if (tokens.kind(index) !== TokenKind.Punctuator) continue;
    const code = tokens.first(index);
    if (code === Char.OpenBrace || code === Char.OpenParen || code === Char.OpenBracket) depth++;
    else if (code === Char.CloseBrace || code === Char.CloseParen || code === Char.CloseBracket) {
      if (--depth < 0) return false;
    }
  }
  return depth === 0;
}

/** The stretches of tokens between the lines of a conditional. */
export function branches(conditional: Conditional): [from: number, to: number][] {
  const lines = [conditional.opening, ...conditional.alternatives, conditional.closing];
  return lines.slice(0, -1).map((line, index) => [line + 1, lines[index + 1] ?? conditional.closing]);
}

function drop(fates: Uint8Array, from: number, to: number): void {
  fates.fill(Fate.Drop, from, to);
}

/** Takes all alternatives but the first away, and the lines themselves. */
export function dropAlternatives(conditional: Conditional, fates: Uint8Array): void {
  for (const [from, to] of branches(conditional).slice(1)) drop(fates, from, to);
  dropLines(conditional, fates);
}

/** Takes the preprocessor lines of a conditional away and leaves what is between them. */
export function dropLines(conditional: Conditional, fates: Uint8Array): void {
  for (const line of [conditional.opening, ...conditional.alternatives, conditional.closing])
    fates[line] = Fate.Drop;
}

/**
 * Finds the conditionals of a file and takes away what can never be parsed together: `#if 0`, C++ sections, and the
 * alternatives of a conditional whose branches open or close brackets on their own.
 * @param tokens the tokens of the file
 */
export function findConditionals(tokens: TokenList): Conditionals {
  const byLine = new Map<number, Conditional>();
  const fates = new Uint8Array(tokens.length);
  for (const conditional of pair(tokens)) {
    for (const line of [conditional.opening, ...conditional.alternatives, conditional.closing])
      byLine.set(line, conditional);
    const { word, rest } = directiveParts(tokens.spelling(conditional.opening));
    const [first] = branches(conditional);
    if (first && ((word === 'if' && /^0\b/.test(rest)) || (word === 'ifdef' && /^__cplusplus\b/.test(rest))))
      drop(fates, first[0], first[1]);
    if (!branches(conditional).every(([from, to]) => balanced(tokens, from, to)))
      dropAlternatives(conditional, fates);
  }
  return { byLine, fates };
}
