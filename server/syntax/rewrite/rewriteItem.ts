import { annotationForm } from '../annotations';
import type { Canvas } from '../canvas';
import type { Item } from '../items';
import { Char, TokenKind, type TokenList } from '../tokens';
import { rewriteAssembler } from './assembler';
import {
  rewriteAnonymousBitFields,
  rewriteMacroHead,
  rewriteMemberMacros,
  rewriteStorageBeforeCall,
  rewriteTraceEvent,
} from './declarations';
import { ItemTokens } from './itemTokens';
import { rewriteBlockMacros, rewriteCaseRanges } from './statements';
import { rewritePastedNumbers, rewriteTypeArguments, rewriteTypeof } from './types';

/** Blanks the annotations of an item and gives the tokens that are left. */
function withoutAnnotations(
  tokens: TokenList,
  item: Item,
  canvas: Canvas,
): { list: number[]; bodyAt: number; nameAt: number } {
  const list: number[] = [];
  let bodyAt = -1;
  let nameAt = -1;
  for (let at = 0; at < item.tokens.length; at++) {
    const index = item.tokens[at] ?? -1;
    const form =
      tokens.kind(index) === TokenKind.Identifier ? annotationForm(tokens.spelling(index)) : undefined;
    if (form && !(form === 'call' && !tokens.is(item.tokens[at + 1] ?? -1, Char.OpenParen))) {
      canvas.blank(tokens.start(index), tokens.end(index));
      if (form === 'call') {
        let depth = 0;
        for (at++; at < item.tokens.length; at++) {
          const inner = item.tokens[at] ?? -1;
          canvas.blank(tokens.start(inner), tokens.end(inner));
          if (tokens.is(inner, Char.OpenParen)) depth++;
          else if (tokens.is(inner, Char.CloseParen) && --depth === 0) break;
        }
      }
      continue;
    }
    if (at === item.bodyAt) bodyAt = list.length;
    if (at === item.nameAt) nameAt = list.length;
    list.push(index);
  }
  return { list, bodyAt, nameAt };
}

/**
 * Turns the kernel's C in one item into C that the grammar knows, in place and without changing its length.
 * @param tokens the tokens of the file
 * @param item the item
 * @param canvas the text of the file, which is changed
 * @returns what the parser needs behind the item's text: a semicolon where a macro makes one needless
 */
export function rewriteItem(tokens: TokenList, item: Item, canvas: Canvas): '' | ';' {
  const { list, bodyAt, nameAt } = withoutAnnotations(tokens, item, canvas);
  const view = new ItemTokens(tokens, list, canvas, bodyAt);
  rewriteStorageBeforeCall(view);
  if (item.kind === 'invocation' && rewriteTraceEvent(view)) return ';';
  if (bodyAt >= 0) {
    rewriteMacroHead(view, nameAt);
    rewriteCaseRanges(view);
    rewriteBlockMacros(view);
  }
  rewriteMemberMacros(view);
  rewriteAnonymousBitFields(view);
  rewritePastedNumbers(view);
  rewriteAssembler(view);
  rewriteTypeof(view);
  rewriteTypeArguments(view, item.kind === 'invocation');
  const object = nameAt === 0 && view.is(bodyAt + 1, Char.Dot);
  return object || (item.kind === 'invocation' && !view.is(view.length - 1, Char.Semicolon)) ? ';' : '';
}
