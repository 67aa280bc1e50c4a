import assert from 'node:assert/strict';
import path from 'node:path';
import { Language, Parser } from 'web-tree-sitter';
import { copyAny } from '../../server/syntax/copyAny';
import { copyClean } from '../../server/syntax/copyClean';
import { Grammar } from '../../server/syntax/grammar';

/** Holds the quick copy of a tree against one for which everything was asked. */
export class TreeCopies {
  private constructor(
    readonly parser: Parser,
    readonly grammar: Grammar,
  ) {}

  /** Loads the grammar that the build has put beside the server. */
  static async load(): Promise<TreeCopies> {
    const wasm = (name: string): string => path.resolve('dist/server', name);
    await Parser.init({ locateFile: wasm });
    const language = await Language.load(wasm('tree-sitter-c.wasm'));
    return new TreeCopies(new Parser().setLanguage(language), new Grammar(language));
  }

  /** @returns whether it could be compared: a text with errors has no quick copy */
  compare(text: string): boolean {
    const tree = this.parser.parse(text);
    assert.ok(tree);
    const cursors = [tree.walk(), tree.walk()] as const;
    try {
      if (tree.rootNode.hasError) return false;
      const asked = copyAny(cursors[0], this.grammar, 400);
      assert.deepEqual(copyClean(cursors[1], this.grammar, text, 400), asked?.root, text);
      return true;
    } finally {
      for (const each of [...cursors, tree]) each.delete();
    }
  }
}
