import type { CParser } from '../syntax/parser';
import { SourceFile } from '../syntax/sourceFile';
import type { Item } from '../syntax/lexer/items';
import type { Span } from '../syntax/lexer/tokens';
import { hiddenLabel } from './seam';

/** What begins an item in the first column: a word that is no label, or a preprocessor line. */
const margin = /^(?:#|\/[*/]|[A-Za-z_](?!\w*\s*:(?!:)))/;
const keyword = /^(if|else|for|while|do|switch|case|default|return|goto|sizeof|break|continue)$/;

/** Whether the brackets of some tokens pair up. */
function isBalanced(words: readonly string[]): boolean {
  let curly = 0;
  let round = 0;
  for (const word of words) {
    if (word === '{') curly++;
    else if (word === '}') curly--;
    else if (word === '(') round++;
    else if (word === ')') round--;
    if (curly < 0 || round < 0) return false;
  }
  return curly === 0 && round === 0;
}

/** Whether all of an item is there: it begins at the margin, closes what it opens, and ends as its kind ends. */
function isWhole(source: SourceFile, item: Item): boolean {
  const { text } = source;
  if (item.start > 0 && text[item.start - 1] !== '\n') return false;
  const words = source.spellings(item);
  if (item.kind === 'directive') {
    const line = text.slice(item.start, item.end);
    return !/^#\s*(if|ifdef|ifndef|el\w+|endif)\b/.test(line) && !/\\\s*$/.test(line);
  }
  if (keyword.test(words[0] ?? '') || !isBalanced(words)) return false;
  if (item.kind === 'invocation') return true;
  const last = words.at(-1);
  if (item.kind === 'declaration') return last === ';' && !words.includes(hiddenLabel);
  // A function without a type before its name is the rest of something else.
  if (item.nameAt < 1 || keyword.test(source.functionName(item)) || last !== '}') return false;
  const lineStart = text.lastIndexOf('\n', item.end - 1) + 1;
  return lineStart === item.end - 1 || !text.slice(item.start, item.end).includes('\n');
}

/**
 * The part of a stretch of which it is known under which conditions it is compiled: behind the last `#else` or `#endif`
 * whose `#if` is not there, and before the first `#if` whose `#endif` is not there. The rest may be a stub, or `#if 0`.
 */
function outsideOfConditionals(text: string): Span {
  const open: number[] = [];
  let start = 0;
  for (const match of text.matchAll(/^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b.*/gm)) {
    const after = match.index + match[0].length;
    if (match[1]?.startsWith('if')) open.push(match.index);
    // Behind an `#else` everything is in doubt up to the `#endif`, wherever that is.
    else if (open.length === 0) start = match[1] === 'endif' ? after : text.length;
    else if (match[1] === 'endif') open.pop();
  }
  return { start, end: open[0] ?? text.length };
}

/**
 * A stretch of a file with everything blank that is not there as a whole, as a function that begins before the stretch.
 * Every offset stays what it is.
 * @param text the stretch
 * @param parser the grammar
 * @param startsFile whether nothing stands before it
 */
export function onlyWholeItems(text: string, parser: CParser, startsFile: boolean): string {
  let skip = 0;
  if (!startsFile)
    for (const line of text.split('\n')) {
      if (margin.test(line)) break;
      skip += line.length + 1;
    }
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
  const head = Math.min(skip, text.length);
  const visible = blank(text.slice(0, head)) + text.slice(head);
  const source = new SourceFile('fragment.c', visible, parser);
  const known = outsideOfConditionals(visible);
  const kept: Span[] = source.items.filter(
    (item) => known.start <= item.start && item.end <= known.end && isWhole(source, item),
  );
  // What silences a rule stands in a comment.
  for (const comment of source.comments)
    if (!kept.some(({ start, end }) => start <= comment.start && comment.end <= end)) kept.push(comment);
  kept.sort((a, b) => a.start - b.start);
  let out = '';
  for (const { start, end } of kept)
    if (start >= out.length) out += blank(visible.slice(out.length, start)) + visible.slice(start, end);
  return out + blank(visible.slice(out.length));
}
