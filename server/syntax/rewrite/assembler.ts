import { Char, TokenKind } from '../lexer/tokens';
import { Word } from '../lexer/words';
import type { ItemTokens } from './itemTokens';

/** Assembler macros between the strings of an asm statement, as `EX_TABLE(0b, 1b)`, go. */
function rewriteTemplate(item: ItemTokens, from: number, to: number): void {
  let first = -1;
  let strings = 0;
  for (let at = from; at < to; at++) {
    if (item.kind(at) === TokenKind.String) strings++;
    if (!item.isIdentifier(at)) continue;
    if (first < 0) first = at;
    const end = item.is(at + 1, Char.OpenParen) ? item.closing(at + 1) : at;
    item.blank(at, end);
    at = end;
  }
  if (strings === 0 && first >= 0) item.write(first, '""');
}

/** Macros that stand for an operand or a clobber, as `CC_OUT(cc, cc)` or `CC_CLOBBER_LIST("memory")`, become one. */
function rewriteOperands(item: ItemTokens, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    const begins = item.is(at - 1, Char.Colon) || item.is(at - 1, Char.Comma);
    if (item.is(at, Char.OpenBracket) || item.is(at, Char.OpenParen)) at = item.closing(at);
    else if (item.isIdentifier(at) && begins && !item.is(at + 1, Char.OpenParen)) item.write(at, '""');
    else if (item.isIdentifier(at) && begins) {
      const close = item.closing(at + 1);
      if (item.kind(at + 2) === TokenKind.String) {
        item.blank(at, at + 1);
        item.blank(close, close);
      } else {
        item.write(at, '""');
        item.blank(at + 3, close - 1);
      }
      at = close;
    }
  }
}

/** Makes the assembler statements of an item readable: their macros are the assembler's, not C's. */
export function rewriteAssembler(item: ItemTokens): void {
  if (!item.hasWord(Word.Assembler)) return;
  for (let at = 0; at + 1 < item.length; at++) {
    if (!item.isWord(at, Word.Assembler)) continue;
    const spelling = item.spelling(at);
    let open = at + 1;
    while (item.isIdentifier(open)) open++;
    if (!item.is(open, Char.OpenParen)) continue;
    if (!/^(asm|__asm__|__asm)$/.test(spelling))
      item.write(at, spelling.includes('goto') ? 'asm goto' : 'asm');
    const close = item.closing(open);
    let colon = open + 1;
    while (colon < close && !item.is(colon, Char.Colon))
      colon = Math.max(colon, item.partner[colon] ?? -1) + 1;
    rewriteTemplate(item, open + 1, Math.min(colon, close));
    rewriteOperands(item, colon, close);
    at = close;
  }
}
