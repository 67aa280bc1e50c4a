import { Char, TokenKind } from '../lexer/tokens';
import { Word } from '../lexer/words';
import type { ItemTokens } from './itemTokens';

/**
 * `typeof(expression)` as a type becomes `long`: the grammar knows it in no form. What is in the parentheses goes, but
 * not the comments and strings in it.
 */
export function rewriteTypeof(item: ItemTokens): void {
  if (!item.hasWord(Word.Typeof)) return;
  for (let at = 0; at + 1 < item.length; at++) {
    if (!item.isWord(at, Word.Typeof) || !item.is(at + 1, Char.OpenParen)) continue;
    const close = item.closing(at + 1);
    item.write(at, 'long');
    item.blank(at + 1, close);
    at = close;
  }
}

/** Whether the tokens from `from` to `to` are a type such as `struct vfio_device *` and no expression. */
function isType(item: ItemTokens, from: number, to: number): boolean {
  let typeWord = false;
  let names = 0;
  let stars = 0;
  for (let at = from; at <= to; at++) {
    if (item.is(at, Char.Star) && names > 0) stars++;
    else if (item.isIdentifier(at) && stars === 0) {
      names++;
      if (item.isWord(at, Word.Type)) typeWord = true;
    } else if (item.is(at, Char.OpenBracket) && names > 0) at = item.closing(at);
    else return false;
  }
  // Without a type word it is a type only when stars end it: `u32 *`. `a b` is a half-typed expression.
  return typeWord || (names === 1 && stars > 0);
}

/** Keeps the last word of a type as a name and blanks the rest of it. */
function typeToName(item: ItemTokens, from: number, to: number): void {
  let last = from;
  for (let at = from; at <= to; at++) if (item.isIdentifier(at)) last = at;
  for (let at = from; at <= to; at++) if (at !== last) item.blank(at, at);
  if (item.isWord(last, Word.Type)) item.write(last, '_'.repeat(item.spelling(last).length));
}

/** Where the item's expressions begin: in the body of a function, behind the `=` of a variable, or at once in a macro call. */
function expressionsBegin(item: ItemTokens, invocation: boolean): number {
  if (invocation) return 0;
  if (item.bodyAt >= 0) return item.bodyAt;
  for (let at = 0; at < item.length; at++) {
    if (item.is(at, Char.Equals)) return at;
    if (item.is(at, Char.OpenBrace) || item.is(at, Char.OpenParen)) at = item.closing(at);
  }
  return item.length;
}

/**
 * Types as arguments, as in `container_of(p, struct s, member)`, `va_arg(list, int)` or `kmalloc_obj(struct s)`, become
 * names. The model reads the original text, where they still are types.
 * @param item the tokens of the item
 * @param invocation whether the item is a macro call, whose arguments are no parameters
 */
export function rewriteTypeArguments(item: ItemTokens, invocation: boolean): void {
  for (let at = expressionsBegin(item, invocation); at + 1 < item.length; at++) {
    if (!item.is(at + 1, Char.OpenParen)) continue;
    if (item.isWord(at, Word.Typeof)) {
      at = item.closing(at + 1);
      continue;
    }
    // A second pair of parentheses takes arguments as well: guard(mutex)(&lock).
    if (!item.isName(at) && !(item.is(at, Char.CloseParen) && isCallee(item, at))) continue;
    if (item.isSpelled(at, 'offsetof')) item.write(at, 'Offsetof');
    for (const [from, to] of item.split(at + 1, item.closing(at + 1))) {
      if (item.isWord(from, Word.Typeof)) typeofToName(item, from, to);
      else if (isType(item, from, to)) typeToName(item, from, to);
    }
  }
}

function isCallee(item: ItemTokens, close: number): boolean {
  const open = item.partner[close] ?? -1;
  return open > 0 && item.isName(open - 1);
}

/** `typeof(x) *` as an argument: the word stays as a name. Only for a whole argument, not for `typeof(x) y`. */
function typeofToName(item: ItemTokens, from: number, to: number): void {
  const close = item.closing(from + 1);
  for (let at = close + 1; at <= to; at++) if (!item.is(at, Char.Star)) return;
  item.write(from, '_'.repeat(item.spelling(from).length));
  item.blank(close + 1, to);
}

const cNumber = /^(?:0[xX][\da-fA-F]+[uUlL]*|0[bB][01]+[uUlL]*|[\d.]+(?:[eE][+-]?\d+)?[uUlLfF]*)$/;

/** Pieces that a macro pastes to a name, as the second argument of `ADD(x, 100baseT_Full)`, become names. */
export function rewritePastedNumbers(item: ItemTokens): void {
  for (let at = 0; at < item.length; at++) {
    if (item.kind(at) !== TokenKind.Number || item.end(at) - item.start(at) === 1) continue;
    const spelling = item.spelling(at);
    if (!cNumber.test(spelling) && /[g-zG-Z_]/.test(spelling))
      item.write(at, `_${spelling.slice(1).replace(/\W/g, '_')}`);
  }
}
