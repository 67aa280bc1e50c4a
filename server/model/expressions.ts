import type { Span } from '../syntax/lexer/tokens';

/** An expression of C, with its place relative to the item it stands in. */
export type Expression = Span &
  (
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'number'; readonly value: number | undefined }
    | { readonly kind: 'string' }
    | {
        readonly kind: 'member';
        readonly object: Expression;
        readonly field: string;
        readonly arrow: boolean;
      }
    | { readonly kind: 'subscript'; readonly object: Expression; readonly index: Expression }
    | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Expression[] }
    | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
    | {
        readonly kind: 'update';
        readonly operator: string;
        readonly operand: Expression;
        readonly prefix: boolean;
      }
    | {
        readonly kind: 'binary';
        readonly operator: string;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: 'assign';
        readonly operator: string;
        readonly target: Expression;
        readonly value: Expression;
      }
    | {
        readonly kind: 'conditional';
        readonly test: Expression;
        readonly then: Expression | undefined;
        readonly otherwise: Expression;
      }
    | { readonly kind: 'cast'; readonly type: string; readonly operand: Expression }
    | { readonly kind: 'list'; readonly entries: readonly ListEntry[]; readonly type: string | undefined }
    | { readonly kind: 'comma'; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'type'; readonly text: string }
    /** Something that is not modelled; its parts may still have effects. */
    | { readonly kind: 'other'; readonly parts: readonly Expression[] }
  );

/** One entry of an initialiser list; `designator` is as written without spaces: `.header.id`, `[2]`, or nothing. */
export interface ListEntry {
  readonly designator: string;
  readonly value: Expression;
}

/** Every expression inside an expression, itself first. */
export function subexpressions(expression: Expression): Expression[] {
  const found: Expression[] = [];
  collect(expression, found);
  return found;
}

/** Adds an expression and what is inside it. Rules ask this of every expression there is: no arrays in between. */
function collect(expression: Expression, found: Expression[]): void {
  found.push(expression);
  switch (expression.kind) {
    case 'member':
      collect(expression.object, found);
      break;
    case 'subscript':
      collect(expression.object, found);
      collect(expression.index, found);
      break;
    case 'call':
      collect(expression.callee, found);
      for (const each of expression.args) collect(each, found);
      break;
    case 'unary':
    case 'update':
    case 'cast':
      collect(expression.operand, found);
      break;
    case 'binary':
    case 'comma':
      collect(expression.left, found);
      collect(expression.right, found);
      break;
    case 'assign':
      collect(expression.target, found);
      collect(expression.value, found);
      break;
    case 'conditional':
      collect(expression.test, found);
      if (expression.then) collect(expression.then, found);
      collect(expression.otherwise, found);
      break;
    case 'list':
      for (const { value } of expression.entries) collect(value, found);
      break;
    case 'other':
      for (const each of expression.parts) collect(each, found);
      break;
    case 'name':
    case 'number':
    case 'string':
    case 'type':
      break;
  }
}
