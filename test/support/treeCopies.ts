import assert from 'node:assert/strict';
import path from 'node:path';
import { Language, Parser, type Tree } from 'web-tree-sitter';
import { copyAny } from '../../server/syntax/copyAny';
import { copyClean } from '../../server/syntax/copyClean';
import type { SyntaxNode } from '../../server/syntax/node';
import { Grammar } from '../../server/syntax/grammar';
import { HeapCursor, loadRuntime, type Runtime } from '../../server/syntax/heapCursor';

/** Holds the quick copy of a tree against one for which everything was asked. */
export class TreeCopies {
  private constructor(
    readonly parser: Parser,
    readonly grammar: Grammar,
    private readonly runtime: Runtime,
  ) {}

  /** Loads the grammar that the build has put beside the server. */
  static async load(): Promise<TreeCopies> {
    const directory = path.resolve('dist/server');
    const runtime = await loadRuntime(directory);
    const language = await Language.load(path.join(directory, 'tree-sitter-c.wasm'));
    return new TreeCopies(new Parser().setLanguage(language), new Grammar(language), runtime);
  }

  /** The quick copy of a tree. */
  quick(tree: Tree, text: string, maxDepth = 400): SyntaxNode | undefined {
    const cursor = new HeapCursor(this.runtime, tree);
    try {
      return copyClean(cursor, this.grammar, text, maxDepth);
    } finally {
      cursor.close();
    }
  }

  /** @returns whether it could be compared: a text with errors has no quick copy */
  compare(text: string): boolean {
    const tree = this.parser.parse(text);
    assert.ok(tree);
    const cursor = tree.walk();
    try {
      if (tree.rootNode.hasError) return false;
      const asked = copyAny(cursor, this.grammar, 400);
      assert.deepEqual(this.quick(tree, text), asked?.root, text);
      return true;
    } finally {
      cursor.delete();
      tree.delete();
    }
  }
}
