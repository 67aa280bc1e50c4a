import { subexpressions, type Expression } from './c/expressions';
import type { FunctionModel } from './c/fileModel';
import type { FlowNode } from './c/flow';
import type { Project } from './project';
import { bare, nameOfExpression, partsAt, storeAt } from './paths';

/** The variables of a function that hold what user space chose of an access: where it begins and how long it is. */
export interface UserRange {
  /** Offsets, and addresses that an offset was added to. */
  readonly offsets: ReadonlySet<string>;
  /** Pointers to an offset, as `loff_t *ppos`. */
  readonly positions: ReadonlySet<string>;
  readonly counts: ReadonlySet<string>;
}

/** Calls that give one of their arguments, so that what they give is still what user space chose. */
const picks = /^(min|max|clamp)(_t|_val|3)?$|^(array_index_nospec|lower_32_bits|READ_ONCE|likely|unlikely)$/;

/** The parts of an expression that its value is a sum of; a remainder or a quotient says nothing of the whole. */
export function* summands(expression: Expression): Generator<Expression> {
  const plain = bare(expression);
  yield plain;
  if (plain.kind === 'binary' && /^[+\-&|]$/.test(plain.operator)) {
    yield* summands(plain.left);
    yield* summands(plain.right);
  } else if (plain.kind === 'conditional') {
    if (plain.then) yield* summands(plain.then);
    yield* summands(plain.otherwise);
  } else if (plain.kind === 'unary' && plain.operator === '&') {
    const operand = bare(plain.operand);
    if (operand.kind === 'subscript') yield* summands(operand.index);
  } else if (plain.kind === 'call' && picks.test(nameOfExpression(plain.callee) ?? ''))
    for (const arg of plain.args) yield* summands(arg);
}

/** Whether the value of an expression moves with the offset. */
export function movesWithOffset(expression: Expression, { offsets, positions }: UserRange): boolean {
  for (const part of summands(expression)) {
    if (part.kind === 'name' && offsets.has(part.name)) return true;
    if (part.kind === 'unary' && part.operator === '*' && positions.has(nameOfExpression(part.operand) ?? ''))
      return true;
  }
  return false;
}

/** Whether the value of an expression grows with the length. */
export function growsWithCount(expression: Expression, { counts }: UserRange): boolean {
  for (const part of summands(expression)) if (part.kind === 'name' && counts.has(part.name)) return true;
  return false;
}

/** Whether an expression points to the offset: `ppos`, or `&pos`. */
export function pointsToOffset(expression: Expression, { offsets, positions }: UserRange): boolean {
  const plain = bare(expression);
  if (plain.kind === 'name') return positions.has(plain.name);
  return (
    plain.kind === 'unary' && plain.operator === '&' && offsets.has(nameOfExpression(plain.operand) ?? '')
  );
}

/** What a node stores, also with `+=`, and what check_add_overflow() leaves in its third argument. */
function* storesAt(node: FlowNode): Generator<{ name: string; value: Expression }> {
  const store = storeAt(node);
  if (store) yield store;
  for (const part of partsAt(node)) {
    if (part.kind === 'assign' && part !== (node.kind === 'evaluate' ? node.expression : undefined)) {
      const name = nameOfExpression(part.target);
      if (name !== undefined) yield { name, value: part.value };
    }
    if (part.kind !== 'call' || !/^check_(add|sub)_overflow$/.test(nameOfExpression(part.callee) ?? ''))
      continue;
    const [first, second, out] = part.args;
    const plain = out && bare(out);
    const name = plain?.kind === 'unary' && plain.operator === '&' ? nameOfExpression(plain.operand) : '';
    if (name) for (const value of [first, second]) if (value) yield { name, value };
  }
}

/** All variables of a function that get their value from the range it starts with. */
export function spread(target: FunctionModel, start: UserRange): UserRange {
  const offsets = new Set(start.offsets);
  const positions = new Set(start.positions);
  const counts = new Set(start.counts);
  const range = { offsets, positions, counts };
  const stores = (target.flow?.nodes ?? []).flatMap((node) => [...storesAt(node)]);
  for (let before = -1; before !== offsets.size + positions.size + counts.size;) {
    before = offsets.size + positions.size + counts.size;
    for (const { name, value } of stores) {
      // `count = min(count, size - off)` is a length still, although an offset is in it.
      const clipped = bare(value).kind === 'call' && growsWithCount(value, range);
      if (movesWithOffset(value, range) && !clipped) offsets.add(name);
      else if (pointsToOffset(value, range) || isFilePosition(value)) positions.add(name);
      if (growsWithCount(value, range)) counts.add(name);
    }
  }
  return range;
}

/** `&filp->f_pos`, which a file without its own position pointer reads and writes. */
function isFilePosition(value: Expression): boolean {
  const plain = bare(value);
  if (plain.kind !== 'unary' || plain.operator !== '&') return false;
  const member = bare(plain.operand);
  return member.kind === 'member' && member.field === 'f_pos';
}

/** What a function looks like that takes an access of user space, before it is read as C. */
function takesAccess(head: string): boolean {
  const from = head.search(/__user\s*\*/);
  const brace = head.indexOf('{', from);
  return from >= 0 && /\bloff_t\s*\*\s*\w+\s*[,)]/.test(head.slice(from, brace < 0 ? undefined : brace));
}

/** The functions of a file that take a buffer of user space and a pointer to an offset. */
export function accessFunctions(project: Project, path: string): FunctionModel[] {
  return project.units(path, 'loff_t').filter((each) => takesAccess(each.text.slice(0, 400)));
}

/** The range of a function of the form `f(..., char __user *buf, size_t count, loff_t *ppos)`, by its parameters. */
export function rangeOfHandler(target: FunctionModel): UserRange | undefined {
  const named = (type: RegExp): string[] =>
    target.parameters.filter((each) => type.test(each.type)).map(({ name }) => name);
  const positions = named(/\bloff_t\s*\*\s*$/);
  const counts = named(/\bsize_t\s*$/);
  if (positions.length !== 1 || counts.length !== 1) return undefined;
  return { offsets: new Set(), positions: new Set(positions), counts: new Set(counts) };
}

/** The range that a call hands to the function it calls, by the names of that function's parameters. */
export function rangeOfCall(
  args: readonly Expression[],
  callee: FunctionModel,
  range: UserRange,
): UserRange | undefined {
  const offsets = new Set<string>();
  const positions = new Set<string>();
  const counts = new Set<string>();
  callee.parameters.forEach(({ name }, at) => {
    const arg = args[at];
    if (!arg || name === '') return;
    if (movesWithOffset(arg, range)) offsets.add(name);
    else if (pointsToOffset(arg, range)) positions.add(name);
    else if (growsWithCount(arg, range)) counts.add(name);
  });
  return offsets.size + positions.size + counts.size > 0 ? { offsets, positions, counts } : undefined;
}

/** Whether anything in an expression is what user space chose, remainders and arguments of calls included. */
export function mentionsRange(expression: Expression, range: UserRange): boolean {
  return [...subexpressions(expression)].some(
    (part) =>
      part.kind === 'name' &&
      (range.offsets.has(part.name) || range.positions.has(part.name) || range.counts.has(part.name)),
  );
}
