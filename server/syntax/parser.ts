import path from 'node:path';
import { Language, Parser, type TreeCursor } from 'web-tree-sitter';
import { errorType, isMissing, SyntaxNode } from './node';

/** A tree deeper than this is no code that a person wrote; everything behind the parser recurses over it. */
const maxDepth = 400;

/** How long one item may take, in milliseconds; the longest function of the kernel takes a few. */
const maxTime = 500;

/**
 * Every question to the grammar is a call into WASM, half of what a parse costs. Of these tokens the type says all: the
 * spelling, that they have no children, and that no field names them.
 */
const fieldless = new Set(['(', ')', '{', '}', '[', ']', ';', ',', ':']);

/** Named nodes without children. */
const leaves = new Set([
  'identifier',
  'field_identifier',
  'type_identifier',
  'primitive_type',
  'number_literal',
]);

/** One parsed item. */
export interface ParsedItem {
  readonly root: SyntaxNode;
  /** Nodes that the grammar could not place, and tokens that it had to invent. */
  readonly errors: readonly SyntaxNode[];
}

/** The C grammar, loaded once a process. */
export class CParser {
  private readonly types: string[];
  private readonly named: boolean[];
  private readonly fields: (string | null)[];
  /** By type, the spelling of punctuation that no rule of the grammar gives a field. */
  private readonly plain: (string | undefined)[];

  private constructor(
    private readonly parser: Parser,
    language: Language,
  ) {
    this.types = language.types;
    this.named = language.types.map((_, id) => language.nodeTypeIsNamed(id));
    this.fields = language.fields;
    this.plain = language.types.map((type, id) =>
      !this.named[id] && fieldless.has(type) ? type : undefined,
    );
  }

  private static loading: Promise<CParser> | undefined;

  /**
   * Loads the grammar.
   * @param wasmDirectory the folder that holds web-tree-sitter.wasm and tree-sitter-c.wasm
   */
  static load(wasmDirectory: string): Promise<CParser> {
    CParser.loading ??= (async () => {
      await Parser.init({ locateFile: (name: string) => path.join(wasmDirectory, name) });
      const language = await Language.load(path.join(wasmDirectory, 'tree-sitter-c.wasm'));
      return new CParser(new Parser().setLanguage(language), language);
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
    const cursor = tree.walk();
    try {
      return this.copy(cursor, tree.rootNode.hasError);
    } finally {
      cursor.delete();
      tree.delete();
    }
  }

  private node(cursor: TreeCursor, hasError: boolean): SyntaxNode {
    const id = cursor.nodeTypeId;
    const error = id === 0xffff;
    const plain = hasError ? undefined : this.plain[id];
    if (plain !== undefined) {
      const start = cursor.startIndex;
      return new SyntaxNode(plain, undefined, start, start + plain.length, false);
    }
    const field = cursor.currentFieldId;
    return new SyntaxNode(
      error ? errorType : (this.types[id] ?? ''),
      field ? (this.fields[field] ?? undefined) : undefined,
      cursor.startIndex,
      cursor.endIndex,
      error || (this.named[id] ?? false),
    );
  }

  /** Copies the tree out of the WASM heap, without recursion because half-typed text can nest without end. */
  private copy(cursor: TreeCursor, hasError: boolean): ParsedItem | undefined {
    const root = this.node(cursor, hasError);
    const errors: SyntaxNode[] = [];
    const path: SyntaxNode[] = [root];
    let isLeaf = false;
    for (;;) {
      if (!isLeaf && cursor.gotoFirstChild()) {
        if (path.length > maxDepth) return undefined;
      } else {
        while (!cursor.gotoNextSibling()) {
          if (!cursor.gotoParent()) return { root, errors };
          path.pop();
        }
        path.pop();
      }
      const node = this.node(cursor, hasError);
      isLeaf = !hasError && (!node.named || leaves.has(node.type));
      path.at(-1)?.children.push(node);
      path.push(node);
      if (hasError && (node.type === errorType || isMissing(node))) errors.push(node);
    }
  }
}
