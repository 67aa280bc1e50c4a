import type { Span } from '../syntax/tokens';

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
export function* subexpressions(expression: Expression): Generator<Expression> {
  yield expression;
  for (const part of parts(expression)) yield* subexpressions(part);
}

function parts(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'member':
      return [expression.object];
    case 'subscript':
      return [expression.object, expression.index];
    case 'call':
      return [expression.callee, ...expression.args];
    case 'unary':
    case 'update':
    case 'cast':
      return [expression.operand];
    case 'binary':
    case 'comma':
      return [expression.left, expression.right];
    case 'assign':
      return [expression.target, expression.value];
    case 'conditional':
      return [expression.test, ...(expression.then ? [expression.then] : []), expression.otherwise];
    case 'list':
      return expression.entries.map((entry) => entry.value);
    case 'other':
      return expression.parts;
    default:
      return [];
  }
}
