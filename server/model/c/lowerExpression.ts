import { errorType, isMissing, type SyntaxNode } from '../../syntax/node';
import type { Expression, ListEntry } from './expressions';

/** The value of a C integer literal, which for the grammar can have a sign; undefined for a float or anything beyond what a double holds exactly. */
export function numberValue(text: string): number | undefined {
  if (/^[-+]/.test(text)) {
    const size = numberValue(text.slice(1));
    return size === undefined ? undefined : text.startsWith('-') ? -size : size;
  }
  const digits = text.replace(/'/g, '').replace(/(?<![uUlL])[uUlL]+$/, '');
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  if (!/^(0[xXoO][\da-fA-F]+|0[bB][01]+|\d+)$/.test(octal)) return undefined;
  const value = Number(octal);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Turns syntax into expressions. */
export class ExpressionLowering {
  /**
   * @param text the original text of the item, in which names and types are still what was written
   * @param wrappers the known functions that others stand for
   */
  constructor(
    readonly text: string,
    private readonly wrappers: ReadonlyMap<string, string> = new Map(),
  ) {}

  private spelling(node: SyntaxNode): string {
    return this.text.slice(node.start, node.end);
  }

  private known(node: SyntaxNode): string {
    const name = this.spelling(node);
    return this.wrappers.get(name) ?? name;
  }

  /** The expression of a node. Whatever the grammar has no name for becomes `other`, with its parts. */
  lower(node: SyntaxNode | undefined): Expression {
    if (!node) return { kind: 'other', parts: [], start: 0, end: 0 };
    const span = { start: node.start, end: node.end };
    const field = (name: string): Expression => this.lower(node.child(name));
    switch (node.type) {
      case 'identifier':
      case 'field_identifier':
      case 'statement_identifier':
      case 'true':
      case 'false':
        return { kind: 'name', name: this.known(node), ...span };
      case 'null':
        return { kind: 'number', value: 0, ...span };
      case 'number_literal':
        return { kind: 'number', value: numberValue(this.spelling(node)), ...span };
      case 'char_literal':
        return { kind: 'number', value: undefined, ...span };
      case 'string_literal':
      case 'concatenated_string':
        return { kind: 'string', ...span };
      case 'parenthesized_expression':
        return this.parenthesized(node);
      case 'call_expression':
        return { kind: 'call', callee: field('function'), args: this.args(node.child('arguments')), ...span };
      case 'field_expression':
        return {
          kind: 'member',
          object: field('argument'),
          field: this.spelling(node.child('field') ?? node),
          arrow: node.ofType('->') !== undefined || node.child('operator')?.type === '->',
          ...span,
        };
      case 'subscript_expression':
        return { kind: 'subscript', object: field('argument'), index: field('index'), ...span };
      case 'pointer_expression':
      case 'unary_expression':
        return {
          kind: 'unary',
          operator: node.child('operator')?.type ?? '',
          operand: field('argument'),
          ...span,
        };
      case 'update_expression': {
        const operator = node.child('operator');
        const operand = node.child('argument');
        const prefix = (operator?.start ?? 0) < (operand?.start ?? 0);
        return {
          kind: 'update',
          operator: operator?.type ?? '',
          operand: this.lower(operand),
          prefix,
          ...span,
        };
      }
      case 'binary_expression':
        return {
          kind: 'binary',
          operator: node.child('operator')?.type ?? '',
          left: field('left'),
          right: field('right'),
          ...span,
        };
      case 'assignment_expression':
        return {
          kind: 'assign',
          operator: node.child('operator')?.type ?? '=',
          target: field('left'),
          value: field('right'),
          ...span,
        };
      case 'conditional_expression': {
        const then = node.child('consequence');
        return {
          kind: 'conditional',
          test: field('condition'),
          then: then && this.lower(then),
          otherwise: field('alternative'),
          ...span,
        };
      }
      case 'cast_expression':
        return { kind: 'cast', type: this.typeOf(node), operand: field('value'), ...span };
      case 'comma_expression':
        return { kind: 'comma', left: field('left'), right: field('right'), ...span };
      case 'compound_literal_expression':
        return { kind: 'list', type: this.typeOf(node), entries: this.entries(node.child('value')), ...span };
      case 'initializer_list':
        return { kind: 'list', type: undefined, entries: this.entries(node), ...span };
      case 'sizeof_expression':
      case 'alignof_expression':
      case 'offsetof_expression':
        // Nothing in them is evaluated.
        return { kind: 'other', parts: [], ...span };
      case 'type_descriptor':
        return { kind: 'type', text: this.spelling(node), ...span };
      default:
        return { kind: 'other', parts: node.rules.map((child) => this.lower(child)), ...span };
    }
  }

  private typeOf(node: SyntaxNode): string {
    const type = node.child('type');
    return type ? this.spelling(type) : '';
  }

  private parenthesized(node: SyntaxNode): Expression {
    const [inner] = node.rules;
    if (!inner || inner.type === errorType || isMissing(inner) || inner.type === 'compound_statement')
      return { kind: 'other', parts: [], start: node.start, end: node.end };
    return this.lower(inner);
  }

  private args(node: SyntaxNode | undefined): Expression[] {
    return node ? node.rules.map((child) => this.lower(child)) : [];
  }

  private entries(node: SyntaxNode | undefined): ListEntry[] {
    return (node?.rules ?? [])
      .filter((child) => child.type !== errorType && !child.type.startsWith('preproc'))
      .map((child) => {
        if (child.type !== 'initializer_pair') return { designator: '', value: this.lower(child) };
        const designators = child.children.filter((part) => part.field === 'designator');
        return {
          designator: designators.map((part) => this.spelling(part).replace(/\s+/g, '')).join(''),
          value: this.lower(child.child('value')),
        };
      });
  }
}
