/** Most nodes are tokens, and an array for each would be most of what a tree takes. */
const noChildren: readonly SyntaxNode[] = [];

/** A node of a parsed item in plain memory: no handle into the WASM heap, nothing to free. */
export class SyntaxNode {
  constructor(
    /** The grammar's name of the node, as `if_statement`; an anonymous token's is its spelling. */
    readonly type: string,
    /** The field it fills in its parent, as `condition`. */
    readonly field: string | undefined,
    /** Offsets relative to the item. */
    readonly start: number,
    readonly end: number,
    /** Whether it is a rule of the grammar, not just a token. */
    readonly named: boolean,
    readonly children: readonly SyntaxNode[] = noChildren,
  ) {}

  /** The first child that fills this field. */
  child(field: string): SyntaxNode | undefined {
    return this.children.find((child) => child.field === field);
  }

  /** The children that are rules, without comments. */
  get rules(): SyntaxNode[] {
    return this.children.filter((child) => child.named && child.type !== 'comment');
  }

  /** The first child of this type. */
  ofType(type: string): SyntaxNode | undefined {
    return this.children.find((child) => child.type === type);
  }

  /** Every node below this one and itself, outer ones first. */
  *walk(): Generator<SyntaxNode> {
    const stack: SyntaxNode[] = [this];
    for (let node = stack.pop(); node; node = stack.pop()) {
      yield node;
      for (let at = node.children.length - 1; at >= 0; at--) {
        const child = node.children[at];
        if (child) stack.push(child);
      }
    }
  }
}

/** The type of a node over text that the grammar could not place. */
export const errorType = 'ERROR';

/** Whether the parser invented this token because the text lacks it. */
export function isMissing(node: SyntaxNode): boolean {
  return node.children.length === 0 && node.start === node.end && node.type !== 'translation_unit';
}
