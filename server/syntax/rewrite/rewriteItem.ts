import type { Canvas } from './canvas';
import type { Item } from '../lexer/items';
import { Char, type TokenList } from '../lexer/tokens';
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

/**
 * Turns the kernel's C in one item into C that the grammar knows, in place and without changing its length.
 * @param tokens the tokens of the file
 * @param item the item
 * @param canvas the text of the file, which is changed
 * @returns what the parser needs behind the item's text: a semicolon where a macro makes one needless
 */
export function rewriteItem(tokens: TokenList, item: Item, canvas: Canvas): '' | ';' {
  const view = new ItemTokens(tokens, item, canvas);
  const { bodyAt, nameAt } = view;
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
