import type { TreeCursor } from 'web-tree-sitter';
import type { Grammar } from './grammar';
import { errorType, isMissing, SyntaxNode } from './node';

/** A tree in plain memory, and what is wrong with it. */
export interface CopiedTree {
  readonly root: SyntaxNode;
  /** Nodes that the grammar could not place, and tokens that it had to invent. */
  readonly errors: readonly SyntaxNode[];
}

/**
 * Copies any tree out of the WASM heap, asking for everything; without recursion, because half-typed text can nest
 * without end.
 * @param cursor at the root
 * @param grammar names of types and fields
 * @param maxDepth how deep the tree may be
 * @returns undefined when it is deeper
 */
export function copyAny(cursor: TreeCursor, grammar: Grammar, maxDepth: number): CopiedTree | undefined {
  const errors: SyntaxNode[] = [];
  const current = (children: SyntaxNode[]): SyntaxNode => {
    const id = cursor.nodeTypeId;
    const type = grammar.type(id);
    const field = grammar.field(cursor.currentFieldId);
    return new SyntaxNode(type, field, cursor.startIndex, cursor.endIndex, grammar.isNamed(id), children);
  };
  const open: SyntaxNode[][] = [[]];
  const root = current(open[0] ?? []);
  for (;;) {
    if (cursor.gotoFirstChild()) {
      if (open.length > maxDepth) return undefined;
    } else {
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return { root, errors };
        open.pop();
      }
      open.pop();
    }
    const children: SyntaxNode[] = [];
    const node = current(children);
    open.at(-1)?.push(node);
    open.push(children);
    if (node.type === errorType || isMissing(node)) errors.push(node);
  }
}
