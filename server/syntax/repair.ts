import { lex } from './lexer/tokens';
import { Char, type Span } from './lexer/tokens';
import { errorType } from './node';
import type { ParsedItem } from './parser';

/** A parsed item, and the stretches that were left out because they could not be read. */
export interface RepairedItem extends ParsedItem {
  readonly holes: readonly Span[];
}

/** At most this many lines are tried, so that a keystroke stays cheap. */
const maxAttempts = 8;

/** The line around an offset, without its line break. */
function lineAround(text: string, offset: number): Span {
  const end = text.indexOf('\n', offset);
  return { start: text.lastIndexOf('\n', offset - 1) + 1, end: end < 0 ? text.length : end };
}

/** The lines on which a parenthesis is still open when its statement ends. */
function unclosedLines(text: string): Span[] {
  const found: Span[] = [];
  const { tokens } = lex(text);
  let open: number[] = [];
  for (let index = 0; index < tokens.length; index++) {
    if (tokens.is(index, Char.OpenParen)) open.push(index);
    else if (tokens.is(index, Char.CloseParen)) {
      if (open.length === 0) found.push(lineAround(text, tokens.start(index)));
      open.pop();
    } else if (
      tokens.is(index, Char.OpenBrace) ||
      tokens.is(index, Char.CloseBrace) ||
      tokens.is(index, Char.Semicolon)
    ) {
      const first = open[0];
      const inFor =
        first !== undefined && tokens.is(index, Char.Semicolon) && tokens.spelling(first - 1) === 'for';
      if (first === undefined || inFor) continue;
      found.push(lineAround(text, tokens.start(first)));
      open = [];
    }
  }
  return found;
}

/** A line without its code, but with its braces, and with an empty statement that marks the hole. */
function punch(text: string, line: Span): string | undefined {
  const old = text.slice(line.start, line.end);
  const blanked = old.replace(/[^{}\s]/g, ' ');
  const at = /\S/.exec(old)?.index ?? -1;
  if (at < 0 || at + 2 > old.length || /[{}]/.test(old.slice(at, at + 2))) return undefined;
  const marked = `${blanked.slice(0, at)}_;${blanked.slice(at + 2)}`;
  return text.slice(0, line.start) + marked + text.slice(line.end);
}

/**
 * Reads an item of which a line is half-typed as if that line were an empty statement.
 * @param parsed what the parser made of it
 * @param text its rewritten text
 * @param parse the parser
 */
export function repairItem(
  parsed: ParsedItem,
  text: string,
  parse: (text: string) => ParsedItem | undefined,
): RepairedItem {
  const candidates = new Map<number, Span>();
  const add = (line: Span): unknown => candidates.set(line.start, line);
  for (const line of unclosedLines(text)) add(line);
  for (const error of parsed.errors)
    if (error.type === errorType) {
      add(lineAround(text, error.start));
      add(lineAround(text, Math.max(error.end - 1, error.start)));
    }
  let best: RepairedItem = { ...parsed, holes: [] };
  for (const line of [...candidates.values()].slice(0, maxAttempts)) {
    const changed = punch(text, line);
    const again = changed === undefined ? undefined : parse(changed);
    if (!again || again.errors.length >= best.errors.length) continue;
    best = { ...again, holes: [line] };
    if (best.errors.length === 0) break;
  }
  return best;
}
