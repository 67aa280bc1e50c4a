import type { Span } from '../syntax/lexer/tokens';
import type { Expression } from './expressions';

/** The index of a node of a flow graph. */
export type NodeId = number;

/** One `case` of a switch; `high` is the end of a range. */
export interface SwitchArm {
  readonly low: Expression;
  readonly high: Expression | undefined;
  readonly label: Span;
  readonly target: NodeId;
}

/** One step of a function. Spans are relative to the item of the function. */
export type FlowNode =
  /** An expression is evaluated for its effects. */
  | { readonly kind: 'evaluate'; readonly expression: Expression; readonly next: NodeId }
  /** A local variable begins to live. */
  | {
      readonly kind: 'declare';
      readonly name: string;
      readonly type: string;
      readonly initial: Expression | undefined;
      readonly span: Span;
      readonly next: NodeId;
    }
  /** A condition of an if or a loop; `header` is from its keyword to the closing parenthesis. */
  | {
      readonly kind: 'branch';
      readonly statement: 'if' | 'loop';
      readonly condition: Expression;
      readonly whenTrue: NodeId;
      readonly whenFalse: NodeId;
      readonly header: Span;
      /** The keyword `else`, when there is one. */
      readonly otherwise: Span | undefined;
    }
  | {
      readonly kind: 'switch';
      readonly value: Expression;
      readonly arms: readonly SwitchArm[];
      /** The `default` label, when there is one. */
      readonly fallback: { readonly label: Span; readonly arm: Span; readonly target: NodeId } | undefined;
      /** Where control goes when nothing matches and there is no default. */
      readonly after: NodeId;
      readonly header: Span;
      /** Names that stand as statements in its body and may be macros that hide labels. */
      readonly mayHideLabels: readonly string[];
    }
  | { readonly kind: 'return'; readonly value: Expression | undefined; readonly span: Span }
  /** The closing brace of the function is reached. */
  | { readonly kind: 'end'; readonly span: Span }
  /** One of several ways, and nothing says which: alternatives of the preprocessor, an iteration. */
  | { readonly kind: 'fork'; readonly targets: readonly NodeId[] }
  /** A place that the grammar could not read: what happens here is not known. */
  | { readonly kind: 'unreadable'; readonly span: Span; readonly next: NodeId };

/** What a function does, step by step. */
export interface FlowGraph {
  readonly nodes: readonly FlowNode[];
  readonly entry: NodeId;
}

/** Every expression a graph evaluates, in no order of execution. */
export function* expressionsOf(graph: FlowGraph): Generator<Expression> {
  for (const node of graph.nodes) {
    if (node.kind === 'evaluate') yield node.expression;
    else if (node.kind === 'declare' && node.initial) yield node.initial;
    else if (node.kind === 'branch') yield node.condition;
    else if (node.kind === 'switch') {
      yield node.value;
      for (const arm of node.arms) yield arm.low;
    } else if (node.kind === 'return' && node.value) yield node.value;
  }
}
