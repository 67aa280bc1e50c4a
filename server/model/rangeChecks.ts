import type { Expression } from './c/expressions';
import type { FunctionModel } from './c/fileModel';
import type { FlowGraph, FlowNode, NodeId } from './c/flow';
import { bare, nameOfExpression, partsAt, reachable, successors } from './paths';
import type { Project } from './project';
import {
  growsWithCount,
  mentionsRange,
  movesWithOffset,
  pointsToOffset,
  rangeOfCall,
  spread,
  type UserRange,
} from './userRange';

/** What of an access is checked: where it begins, or how long it is. */
export type Aspect = 'offset' | 'count';

/** Calls that look at numbers, log them or copy, and check nothing. */
const checksNothing =
  /^(IS_ALIGNED|copy_(to|from)_user|mem(cpy|set|move)(_fromio|_toio)?|io(read|write)\w*|(read|write)[bwlq](_relaxed)?|ZPCI_CREATE_REQ|__zpci_\w+|vfio_pci_core_do_io_rw|dev_\w+|pr_\w+|pci_\w+|trace_\w+|print\w*|BIT|round_(up|down)|DIV_ROUND_UP)$|INDEX|^lockdep_|^mutex_/;

const clamps = /^(min|clamp)(_t|_val|3)?$/;

function literal(expression: Expression): number | undefined {
  const plain = bare(expression);
  return plain.kind === 'number' ? plain.value : undefined;
}

/** Says whether nodes of a function check an aspect of the access that user space chose. */
export class RangeChecks {
  private readonly asking: Readonly<Record<Aspect, Map<FlowNode, boolean>>> = {
    offset: new Map(),
    count: new Map(),
  };

  constructor(
    private readonly project: Project,
    private readonly target: FunctionModel,
    private readonly flow: FlowGraph,
    private readonly range: UserRange,
    private readonly depth = 2,
  ) {}

  /** Whether a node can be reached without a check of an aspect. */
  isUnchecked(id: NodeId, aspect: Aspect): boolean {
    const barrier = (node: FlowNode, at: NodeId): boolean => at !== id && this.checks(node, aspect, id);
    return reachable(this.flow, [this.flow.entry], barrier).has(id);
  }

  /** Whether anything in the function checks an aspect. */
  checksAnywhere(aspect: Aspect): boolean {
    return this.flow.nodes.some((node) => this.checks(node, aspect, undefined));
  }

  private concerns(expression: Expression, aspect: Aspect): boolean {
    return aspect === 'offset'
      ? movesWithOffset(expression, this.range)
      : growsWithCount(expression, this.range);
  }

  private checks(node: FlowNode, aspect: Aspect, sink: NodeId | undefined): boolean {
    // What the grammar could not read may hold the check.
    if (node.kind === 'unreadable') return true;
    if (node.kind === 'switch' && this.concerns(node.value, aspect)) return true;
    return (
      this.asks(node, aspect) ||
      partsAt(node).some((part) => part.kind === 'binary' && this.comparison(part, node, aspect, sink))
    );
  }

  /** Whether a node calls somebody who checks, which is the same for every access. */
  private asks(node: FlowNode, aspect: Aspect): boolean {
    const known = this.asking[aspect];
    let answer = known.get(node);
    if (answer === undefined) {
      answer = partsAt(node).some((part) => part.kind === 'call' && this.call(part, node, aspect));
      known.set(node, answer);
    }
    return answer;
  }

  private comparison(
    part: Extract<Expression, { kind: 'binary' }>,
    node: FlowNode,
    aspect: Aspect,
    sink: NodeId | undefined,
  ): boolean {
    if (!/^([<>]=?|[!=]=)$/.test(part.operator)) return false;
    const side = [part.left, part.right].find((each) => this.concerns(each, aspect));
    if (!side) return false;
    const number = literal(side === part.left ? part.right : part.left);
    if (/^[!=]=$/.test(part.operator)) return number !== 0 || aspect === 'offset';
    // `count >= 4` picks a width or ends a loop; only where it keeps control from the access it is a bound.
    if (number === undefined) return true;
    if (number === 0 || node.kind !== 'branch' || node.statement === 'loop') return false;
    return (
      sink === undefined ||
      successors(node).some((way) => !reachable(this.flow, [way], () => false).has(sink))
    );
  }

  private call(part: Extract<Expression, { kind: 'call' }>, node: FlowNode, aspect: Aspect): boolean {
    const name = nameOfExpression(part.callee) ?? '';
    if (clamps.test(name)) {
      // `count = min(count, size - off)` bounds the length, and where off lies beyond size not even that.
      const subject = aspect === 'count' ? part.args.some((arg) => this.concerns(arg, 'count')) : false;
      const onlyOffset =
        aspect === 'offset' &&
        part.args.some((arg) => this.concerns(arg, 'offset')) &&
        !part.args.some((arg) => this.concerns(arg, 'count'));
      return subject || onlyOffset;
    }
    if (checksNothing.test(name)) return false;
    const about = part.args.some((arg) =>
      aspect === 'count'
        ? this.concerns(arg, 'count') || this.addressOfCount(arg)
        : this.concerns(arg, 'offset') || pointsToOffset(arg, this.range),
    );
    const compares = part.args.some((arg) => {
      const plain = bare(arg);
      return plain.kind === 'binary' && /^([<>]=?|[!=]=)$/.test(plain.operator);
    });
    if (!about || compares) return false;
    const callee = name ? this.project.resolve(name, this.target) : undefined;
    // Somebody unknown who gets the range and whose answer counts, or who may change it, may have checked it.
    if (!callee?.flow) {
      const answers = node.kind === 'branch' || node.kind === 'declare' || part !== statement(node);
      return (answers && node.kind !== 'return') || part.args.some((arg) => this.mayChange(arg));
    }
    const inner = this.depth > 0 ? rangeOfCall(part.args, callee, this.range) : undefined;
    if (!inner || callee === this.target) return false;
    return new RangeChecks(
      this.project,
      callee,
      callee.flow,
      spread(callee, inner),
      this.depth - 1,
    ).checksAnywhere(aspect);
  }

  private addressOfCount(arg: Expression): boolean {
    const plain = bare(arg);
    return (
      plain.kind === 'unary' &&
      plain.operator === '&' &&
      this.range.counts.has(nameOfExpression(plain.operand) ?? '')
    );
  }

  private mayChange(arg: Expression): boolean {
    const plain = bare(arg);
    return plain.kind === 'unary' && plain.operator === '&' && mentionsRange(plain.operand, this.range);
  }
}

/** The expression that stands as a statement of its own. */
function statement(node: FlowNode): Expression | undefined {
  return node.kind === 'evaluate' ? node.expression : undefined;
}
