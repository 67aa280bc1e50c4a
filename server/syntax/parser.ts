import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Language, Parser, type Tree } from 'web-tree-sitter';
import { copyAny, type CopiedTree } from './copyAny';
import { copyClean } from './copyClean';
import { Grammar } from './grammar';
import { HeapCursor, loadRuntime, type Runtime } from './heapCursor';

/** A tree deeper than this is no code that a person wrote; everything behind the parser recurses over it. */
const maxDepth = 400;

/** How long one item may take, in milliseconds; the longest function of the kernel takes a few. */
const maxTime = 500;

/** One parsed item. */
export type ParsedItem = CopiedTree;

/** The C grammar, loaded once a process. */
export class CParser {
  private constructor(
    private readonly parser: Parser,
    private readonly grammar: Grammar,
    private readonly runtime: Runtime,
  ) {}

  private static loading: Promise<CParser> | undefined;

  /**
   * Loads the grammar.
   * @param wasmDirectory the folder that holds web-tree-sitter.wasm and tree-sitter-c.wasm
   */
  static load(wasmDirectory: string): Promise<CParser> {
    CParser.loading ??= (async () => {
      const runtime = await loadRuntime(wasmDirectory);
      // Given a path, the library would load Node's fs/promises, which takes longer than to read the file.
      const grammar = readFileSync(path.join(wasmDirectory, 'tree-sitter-c.wasm'));
      const language = await Language.load(grammar);
      return new CParser(new Parser().setLanguage(language), new Grammar(language), runtime);
    })();
    return CParser.loading;
  }

  /**
   * Parses the text of one item.
   * @param text text that the rewrite has been over
   * @returns undefined when it took too long or nests too deeply
   */
  parse(text: string): ParsedItem | undefined {
    const deadline = performance.now() + maxTime;
    const late = (): boolean => performance.now() > deadline;
    const tree = this.parser.parse(text, null, { progressCallback: late });
    if (!tree) {
      this.parser.reset();
      return undefined;
    }
    try {
      if (tree.rootNode.hasError) return this.copyAny(tree);
      const cursor = new HeapCursor(this.runtime, tree);
      try {
        const root = copyClean(cursor, this.grammar, text, maxDepth);
        return root && { root, errors: [] };
      } finally {
        cursor.close();
      }
    } finally {
      tree.delete();
    }
  }

  private copyAny(tree: Tree): ParsedItem | undefined {
    const cursor = tree.walk();
    try {
      return copyAny(cursor, this.grammar, maxDepth);
    } finally {
      cursor.delete();
    }
  }
}
