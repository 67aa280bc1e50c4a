import { errorType, isMissing, type SyntaxNode } from '../syntax/node';
import type { Span } from '../syntax/lexer/tokens';
import type { Expression } from './expressions';
import type { FlowGraph, FlowNode, NodeId, SwitchArm } from './flow';
import { ExpressionLowering } from './lowerExpression';
import { caseRange, declaredVariables, statementNames } from './statementSyntax';

/** Where `break` and `continue` lead, and the switch whose labels are being collected. */
interface Context {
  readonly onBreak: NodeId;
  readonly onContinue: NodeId;
  readonly arms: SwitchArm[];
  readonly setFallback: (label: Span, arm: Span, target: NodeId) => void;
}

/** Builds the flow graph of a function from its syntax, from the end to the beginning. */
class FlowBuilder {
  private readonly nodes: FlowNode[] = [];
  private readonly labels = new Map<string, NodeId>();
  private readonly expressions: ExpressionLowering;

  constructor(
    private readonly text: string,
    private readonly holes: readonly Span[],
    wrappers: ReadonlyMap<string, string>,
  ) {
    this.expressions = new ExpressionLowering(text, wrappers);
  }

  build(body: SyntaxNode): FlowGraph {
    for (const node of body.walk())
      if (node.type === 'labeled_statement') {
        const label = node.child('label');
        if (label) this.labels.set(this.spelling(label), this.reserve());
      }
    const end = this.add({ kind: 'end', span: { start: Math.max(body.end - 1, body.start), end: body.end } });
    const none: Context = { onBreak: end, onContinue: end, arms: [], setFallback: () => undefined };
    return { nodes: this.nodes, entry: this.sequence(body.children, end, none) };
  }

  private spelling(node: SyntaxNode): string {
    return this.text.slice(node.start, node.end);
  }

  private add(node: FlowNode): NodeId {
    this.nodes.push(node);
    return this.nodes.length - 1;
  }

  /** A node whose successors are not known yet. */
  private reserve(): NodeId {
    return this.add({ kind: 'fork', targets: [] });
  }

  private redirect(id: NodeId, target: NodeId): void {
    this.nodes[id] = { kind: 'fork', targets: [target] };
  }

  private lower(node: SyntaxNode | undefined): Expression {
    return this.expressions.lower(node);
  }

  /** The statements among some nodes, followed by `next`. */
  private sequence(children: readonly SyntaxNode[], next: NodeId, context: Context): NodeId {
    let entry = next;
    for (let at = children.length - 1; at >= 0; at--) {
      const child = children[at];
      if (child) entry = this.statement(child, entry, context);
    }
    return entry;
  }

  private evaluate(node: SyntaxNode | undefined, next: NodeId): NodeId {
    return node ? this.add({ kind: 'evaluate', expression: this.lower(node), next }) : next;
  }

  private isHole(node: SyntaxNode): boolean {
    return this.holes.some((hole) => node.start >= hole.start && node.end <= hole.end);
  }

  private statement(node: SyntaxNode, next: NodeId, context: Context): NodeId {
    if (node.type === errorType || (node.named && this.isHole(node)))
      return this.add({ kind: 'unreadable', span: { start: node.start, end: node.end }, next });
    if (!node.named || isMissing(node)) return next;
    switch (node.type) {
      case 'compound_statement':
        return this.sequence(node.children, next, context);
      case 'expression_statement':
        return this.sequence(
          node.children.filter((child) => child.type === errorType),
          this.evaluate(
            node.rules.find((child) => child.type !== errorType),
            next,
          ),
          context,
        );
      case 'declaration':
        return this.declaration(node, next);
      case 'if_statement':
        return this.ifStatement(node, next, context);
      case 'switch_statement':
        return this.switchStatement(node, next, context);
      case 'case_statement':
        return this.caseStatement(node, next, context);
      case 'while_statement':
      case 'for_statement':
      case 'do_statement':
        return this.loop(node, next, context);
      case 'return_statement': {
        const [value] = node.rules;
        const span = { start: node.start, end: node.end };
        return this.add({ kind: 'return', value: value && this.lower(value), span });
      }
      case 'break_statement':
        return context.onBreak;
      case 'continue_statement':
        return context.onContinue;
      case 'goto_statement':
        return this.labels.get(this.spelling(node.child('label') ?? node)) ?? this.unreadable(node, next);
      case 'labeled_statement': {
        const label = node.child('label');
        const target = this.labels.get(label ? this.spelling(label) : '');
        const entry = this.sequence(
          node.children.filter((child) => child !== label),
          next,
          context,
        );
        if (target !== undefined) this.redirect(target, entry);
        return target ?? entry;
      }
      case 'attributed_statement':
        return this.sequence(node.children, next, context);
      case 'preproc_if':
      case 'preproc_ifdef':
      case 'preproc_elif':
      case 'preproc_else':
        return this.preprocessor(node, next, context);
      case 'comment':
      case 'type_definition':
      case 'preproc_call':
      case 'preproc_def':
      case 'preproc_function_def':
      case 'preproc_include':
      case 'function_definition':
        return next;
      default:
        return node.type.endsWith('_specifier') ? next : this.evaluate(node, next);
    }
  }

  private unreadable(node: SyntaxNode, next: NodeId): NodeId {
    return this.add({ kind: 'unreadable', span: { start: node.start, end: node.end }, next });
  }

  private declaration(node: SyntaxNode, next: NodeId): NodeId {
    let entry = next;
    for (const child of node.children) if (child.type === errorType) entry = this.unreadable(child, entry);
    for (const { name, type, initial, span } of declaredVariables(node, this.text).reverse())
      entry = this.add({
        kind: 'declare',
        name,
        type,
        initial: initial && this.lower(initial),
        span,
        next: entry,
      });
    return entry;
  }

  private header(node: SyntaxNode): Span {
    const condition = node.child('condition');
    return { start: node.start, end: condition?.end ?? node.end };
  }

  private ifStatement(node: SyntaxNode, next: NodeId, context: Context): NodeId {
    const condition = node.child('condition');
    const consequence = node.child('consequence');
    const alternative = node.child('alternative');
    const whenTrue = consequence ? this.statement(consequence, next, context) : next;
    const whenFalse = alternative ? this.sequence(alternative.children, next, context) : next;
    const keyword = alternative?.ofType('else');
    const branch = this.add({
      kind: 'branch',
      statement: 'if',
      condition: this.lower(condition),
      whenTrue,
      whenFalse,
      header: this.header(node),
      otherwise: keyword && { start: keyword.start, end: keyword.end },
    });
    // An error among the children, as in `if (a b) c;`, is part of the condition as far as anybody can know.
    const broken = node.children.some((child) => child.type === errorType) || !condition;
    return broken ? this.unreadable(node, branch) : branch;
  }

  private switchStatement(node: SyntaxNode, next: NodeId, context: Context): NodeId {
    const arms: SwitchArm[] = [];
    let fallback: { label: Span; arm: Span; target: NodeId } | undefined;
    const inner: Context = {
      onBreak: next,
      onContinue: context.onContinue,
      arms,
      // An #else can give a switch a second default; nothing says which of them is compiled.
      setFallback: (label, arm, target) => {
        const targets = fallback && [fallback.target, target];
        fallback = { label, arm, target: targets ? this.add({ kind: 'fork', targets }) : target };
      },
    };
    const body = node.child('body');
    if (body) this.statement(body, next, inner);
    return this.add({
      kind: 'switch',
      value: this.lower(node.child('condition')),
      arms,
      fallback,
      after: next,
      header: this.header(node),
      mayHideLabels: body ? statementNames(body, this.text) : [],
    });
  }

  private caseStatement(node: SyntaxNode, next: NodeId, context: Context): NodeId {
    const value = node.child('value');
    const colon = node.ofType(':');
    const statements = node.children.filter(
      (child) => child !== value && child.start >= (colon?.end ?? node.start),
    );
    const entry = this.sequence(statements, next, context);
    const label = { start: node.start, end: colon?.end ?? node.end };
    if (!value) context.setFallback(label, { start: node.start, end: node.end }, entry);
    else {
      const range = caseRange(value, this.text);
      context.arms.push({
        low: this.lower(range ? range[0] : value),
        high: range && this.lower(range[1]),
        label,
        target: entry,
      });
    }
    return entry;
  }

  private loop(node: SyntaxNode, next: NodeId, context: Context): NodeId {
    const head = this.reserve();
    const update = this.evaluate(node.child('update'), head);
    const inner: Context = { ...context, onBreak: next, onContinue: update };
    const body = node.child('body');
    const bodyEntry = body ? this.statement(body, update, inner) : update;
    const condition = node.child('condition');
    // A macro that iterates stands where the grammar sees `while` or `if`: how often it does is not known.
    const macro = /^\w+/.exec(this.text.slice(node.start, node.end))?.[0] ?? '';
    const iterates = node.type === 'while_statement' && macro !== 'while';
    const branch = iterates
      ? this.iteration(node, macro, this.add({ kind: 'fork', targets: [bodyEntry, next] }))
      : condition
        ? this.add({
            kind: 'branch',
            statement: 'loop',
            condition: this.lower(condition),
            whenTrue: bodyEntry,
            whenFalse: next,
            header: this.header(node),
            otherwise: undefined,
          })
        : bodyEntry;
    this.redirect(head, branch);
    if (node.type === 'do_statement') {
      // The body runs before the condition, and `continue` leads to the condition.
      return bodyEntry;
    }
    const initializer = node.child('initializer');
    if (initializer?.type === 'declaration') return this.declaration(initializer, head);
    return this.evaluate(initializer, head);
  }

  /** An iterator macro is a call that may change each of its arguments. */
  private iteration(node: SyntaxNode, macro: string, next: NodeId): NodeId {
    const args: Expression[] = [];
    let rest = this.lower(node.child('condition'));
    for (; rest.kind === 'comma'; rest = rest.right) args.push(rest.left);
    args.push(rest);
    const span = { start: node.start, end: node.start + macro.length };
    const expression: Expression = {
      kind: 'call',
      callee: { kind: 'name', name: macro, ...span },
      args,
      ...span,
    };
    return this.add({ kind: 'evaluate', expression, next });
  }

  private preprocessor(node: SyntaxNode, next: NodeId, context: Context): NodeId {
    const alternative = node.child('alternative');
    const own = node.children.filter((child) => child.field === undefined);
    const entry = this.sequence(own, next, context);
    if (node.type === 'preproc_else') return entry;
    const other = alternative ? this.statement(alternative, next, context) : next;
    return this.add({ kind: 'fork', targets: [entry, other] });
  }
}

/**
 * Builds the flow graph of a function.
 * @param body the function's compound statement
 * @param text the original text of the function's item
 * @param holes stretches that were unreadable and that the parser saw as empty statements
 * @param wrappers the known functions that others stand for
 */
export function buildFlow(
  body: SyntaxNode,
  text: string,
  holes: readonly Span[],
  wrappers: ReadonlyMap<string, string>,
): FlowGraph {
  return new FlowBuilder(text, holes, wrappers).build(body);
}
