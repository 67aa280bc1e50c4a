import type { Grammar } from './grammar';
import type { HeapCursor } from './heapCursor';
import { SyntaxNode } from './node';

/** Named nodes that are one word, or one number that is spelled like a word. */
const words = new Set([
  'identifier',
  'field_identifier',
  'type_identifier',
  'statement_identifier',
  'primitive_type',
  'number_literal',
]);

/**
 * Rules whose children fill no field, so that nobody has to ask which. A test holds them against the grammar's
 * own list of node types.
 */
export const parentsWithoutFields: ReadonlySet<string> = new Set([
  'translation_unit',
  'compound_statement',
  'expression_statement',
  'return_statement',
  'parenthesized_expression',
  'argument_list',
  'parameter_list',
  'initializer_list',
  'else_clause',
  'string_literal',
  'concatenated_string',
  'field_designator',
  'subscript_designator',
  'type_qualifier',
  'storage_class_specifier',
  'declaration_list',
  'field_declaration_list',
  'enumerator_list',
]);

/** Tokens that no rule of the grammar gives a field. */
const fieldlessTokens = new Set(['(', ')', '{', '}', '[', ']', ';', ',', ':']);

const isWordPart = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;

/** Behind white space and continued lines. */
function skipSpace(text: string, at: number): number {
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 32 || (code >= 9 && code <= 13)) at++;
    else if (code === 92 && text[at + 1] === '\n') at += 2;
    else return at;
  }
}

/** Where a word ends, or -1 when only the grammar knows: letters beyond ASCII, and numbers with points and signs. */
function wordEnd(text: string, start: number): number {
  let end = start;
  while (isWordPart(text.charCodeAt(end))) end++;
  if (end === start) return -1;
  const next = text.charCodeAt(end);
  if (next > 127 || next === 36 || next === 92) return -1;
  const isNumber = text.charCodeAt(start) <= 57;
  return isNumber && (next === 39 || next === 43 || next === 45 || next === 46) ? -1 : end;
}

/** A rule whose children are still being read. */
interface Open {
  readonly type: string;
  readonly field: string | undefined;
  readonly named: boolean;
  readonly children: SyntaxNode[];
}

/**
 * Copies a tree without errors out of the WASM heap. Every question to the heap is a call into WASM, and they are most
 * of what a parse costs; but in a tree without errors every token stands where the text before it ends, and every rule
 * ends where its last token does. So most places are counted here, and the heap is asked for the shape alone.
 * @param cursor at the root
 * @param grammar names of types and fields
 * @param text what was parsed
 * @param maxDepth how deep the tree may be
 * @returns undefined when it is deeper
 */
export function copyClean(
  cursor: HeapCursor,
  grammar: Grammar,
  text: string,
  maxDepth: number,
): SyntaxNode | undefined {
  const rootStart = cursor.start();
  const rootEnd = cursor.end();
  const root: Open = { type: grammar.type(cursor.typeId()), field: undefined, named: true, children: [] };
  if (!cursor.firstChild()) return new SyntaxNode(root.type, undefined, rootStart, rootEnd, true);
  const stack: Open[] = [root];
  let parent = root;
  let at = 0;
  for (;;) {
    const id = cursor.typeId();
    const type = grammar.type(id);
    const named = grammar.isNamed(id);
    const field =
      parentsWithoutFields.has(parent.type) || (!named && fieldlessTokens.has(type))
        ? undefined
        : grammar.field(cursor.fieldId());
    const isWord = named && words.has(type);
    if (named && !isWord && cursor.firstChild()) {
      if (stack.length >= maxDepth) return undefined;
      parent = { type, field, named, children: [] };
      stack.push(parent);
      continue;
    }
    let start = skipSpace(text, at);
    let end = -1;
    if (isWord) end = wordEnd(text, start);
    else if (!named && type !== '\n' && text.startsWith(type, start)) end = start + type.length;
    if (end < 0) {
      start = cursor.start();
      end = cursor.end();
    }
    at = end;
    parent.children.push(new SyntaxNode(type, field, start, end, named));
    while (!cursor.nextSibling()) {
      stack.pop();
      const above = stack.at(-1);
      if (!above) return new SyntaxNode(root.type, undefined, rootStart, rootEnd, true, root.children);
      cursor.parent();
      // The line break that ends a directive is part of it, and no node.
      if (parent.type.startsWith('preproc')) at = cursor.end();
      const first = parent.children[0]?.start ?? at;
      above.children.push(
        new SyntaxNode(parent.type, parent.field, first, at, parent.named, parent.children),
      );
      parent = above;
    }
  }
}
