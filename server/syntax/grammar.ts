import type { Language } from 'web-tree-sitter';
import { errorType } from './node';

/** The number that the runtime gives a node that the grammar could not place. */
const errorId = 0xffff;

/** What the grammar's numbers stand for. */
export class Grammar {
  private readonly types: readonly string[];
  private readonly named: readonly boolean[];
  private readonly fields: readonly (string | null)[];

  constructor(language: Language) {
    this.types = language.types;
    this.named = language.types.map((_, id) => language.nodeTypeIsNamed(id));
    this.fields = language.fields;
  }

  /** The name of a type of node; an anonymous token's is its spelling. */
  type(id: number): string {
    return id === errorId ? errorType : (this.types[id] ?? '');
  }

  /** Whether nodes of a type are rules of the grammar, not just tokens. */
  isNamed(id: number): boolean {
    return id === errorId || (this.named[id] ?? false);
  }

  /** The name of a field; 0 means none. */
  field(id: number): string | undefined {
    return id ? (this.fields[id] ?? undefined) : undefined;
  }
}
