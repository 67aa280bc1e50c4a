import { Char, TokenKind } from '../lexer/tokens';
import { Word } from '../lexer/words';
import type { ItemTokens } from './itemTokens';

/** The range of `case A ... B:` becomes an operator that no case label uses; the model sees the dots in the original. */
export function rewriteCaseRanges(item: ItemTokens): void {
  if (!item.hasWord(Word.Case)) return;
  for (let at = item.bodyAt < 0 ? item.length : item.bodyAt; at < item.length; at++) {
    if (!item.isWord(at, Word.Case)) continue;
    for (at++; at < item.length && !item.is(at, Char.Colon) && !item.is(at, Char.Semicolon); at++)
      if (item.isSpelled(at, '...')) item.write(at, '|| ');
  }
}

const controlWords = new Set(['if', 'while', 'for', 'switch']);

/** Whether a statement may begin at this position of a function's body. */
function beginsStatement(item: ItemTokens, at: number, heads: ReadonlySet<number>): boolean {
  const before = at - 1;
  switch (item.punctuator(before)) {
    case Char.OpenBrace:
    case Char.CloseBrace:
    case Char.Semicolon:
    case Char.Colon:
      return true;
    case Char.CloseParen: {
      const open = item.partner[before] ?? -1;
      return open > 0 && (controlWords.has(item.spelling(open - 1)) || heads.has(open - 1));
    }
  }
  if (item.kind(before) === TokenKind.Directive) return true;
  return item.isSpelled(before, 'else') || item.isSpelled(before, 'do');
}

/** Macros whose block runs exactly once: the block alone is left. */
const runsOnce = /^(scoped_|with_)|_scoped(_|$)/;
const iterates = /(^|_)for_?each(_|$)|_each_|(^|_)each(_|$)|_walk(_|$)/;

/**
 * Macros that head a block, as `list_for_each_entry(...) {`, become `while (...) {`, or nothing when their block runs
 * exactly once, as that of `scoped_guard(...) {`.
 */
export function rewriteBlockMacros(item: ItemTokens): void {
  const heads = new Set<number>();
  if (item.bodyAt < 0) return;
  for (let at = item.bodyAt + 1; at + 1 < item.length; at++) {
    if (!item.is(at + 1, Char.OpenParen) || !item.isName(at) || !beginsStatement(item, at, heads)) continue;
    const close = item.closing(at + 1);
    const spelling = item.spelling(at);
    const block = item.is(close + 1, Char.OpenBrace);
    // Without braces only the name tells the head of a loop from a call whose semicolon is still missing.
    const statement =
      item.isIdentifier(close + 1) || item.is(close + 1, Char.Star) || item.is(close + 1, Char.OpenParen);
    if (!block && !(statement && (iterates.test(spelling) || runsOnce.test(spelling)))) continue;
    heads.add(at);
    if (runsOnce.test(spelling) || close === at + 2) item.blank(at, close);
    else item.write(at, spelling.length >= 5 ? 'while' : 'if');
  }
}
