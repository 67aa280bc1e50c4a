import type { SyntaxNode } from '../syntax/node';
import type { Span } from '../syntax/lexer/tokens';

/** A variable as a declaration introduces it. */
export interface DeclaredVariable {
  readonly name: string;
  /** As written, with a star or brackets for each step of its declarator. */
  readonly type: string;
  readonly initial: SyntaxNode | undefined;
  readonly span: Span;
}

/**
 * The variables of a declaration, in order; functions that it declares are none.
 * @param declaration the node
 * @param text the original text of the item
 */
export function declaredVariables(declaration: SyntaxNode, text: string): DeclaredVariable[] {
  const base = declaration.child('type');
  const found: DeclaredVariable[] = [];
  for (const child of declaration.children) {
    if (child.field !== 'declarator') continue;
    const initial = child.type === 'init_declarator' ? child.child('value') : undefined;
    let node = child.type === 'init_declarator' ? child.child('declarator') : child;
    let type = base ? text.slice(base.start, base.end) : '';
    while (node && node.type !== 'identifier') {
      if (node.type === 'pointer_declarator') type += '*';
      else if (node.type === 'array_declarator') type += '[]';
      else if (node.type === 'function_declarator' && !initial) break;
      node = node.child('declarator') ?? node.rules[0];
    }
    if (node?.type === 'identifier')
      found.push({
        name: text.slice(node.start, node.end),
        type,
        initial,
        span: { start: child.start, end: child.end },
      });
  }
  return found;
}

/** The ends of the range of a case label; the rewrite wrote its dots as an operator, and the original text has them. */
export function caseRange(value: SyntaxNode, text: string): [low: SyntaxNode, high: SyntaxNode] | undefined {
  const operator = value.child('operator');
  const left = value.child('left');
  const right = value.child('right');
  const isRange = operator !== undefined && text.startsWith('...', operator.start);
  return isRange && left && right ? [left, right] : undefined;
}

/** The names that are called, or stand alone, as statements directly in the body of a switch or in its arms. */
export function statementNames(body: SyntaxNode, text: string): string[] {
  const names: string[] = [];
  for (const child of body.rules) {
    if (child.type === 'case_statement') names.push(...statementNames(child, text));
    if (child.type !== 'expression_statement') continue;
    const [expression] = child.rules;
    const name = expression?.type === 'call_expression' ? expression.child('function') : expression;
    if (name?.type === 'identifier') names.push(text.slice(name.start, name.end));
  }
  return names;
}
