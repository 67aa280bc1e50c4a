import type { Span } from '../syntax/lexer/tokens';
import type { Place } from './execute/values';
import { calleesOf } from './callees';
import { subexpressions, type Expression } from './expressions';
import type { FunctionModel } from './fileModel';
import { expressionsOf } from './flow';
import { coreOffsetShift, kernelConstant } from './kernelNames';
import { partsAt, storeAt } from './paths';
import type { Project } from './project';

/** A place where an index is packed into an offset or taken out of one, and by how many bits. */
export interface ShiftUse {
  readonly place: Place;
  /** Undefined when its value is not known. */
  readonly shift: number | undefined;
  /** As it is written: a macro, or the expression. */
  readonly name: string;
}

/** How many calls deep the offset is followed. */
const maxDepth = 5;

/** The value of a constant expression as a function sees it. */
export function constantOf(
  project: Project,
  expression: Expression,
  from: FunctionModel,
): number | undefined {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'name':
      return kernelConstant(expression.name) ?? project.constant(expression.name, from);
    case 'cast':
      return constantOf(project, expression.operand, from);
    case 'binary': {
      const left = constantOf(project, expression.left, from);
      const right = constantOf(project, expression.right, from);
      if (left === undefined || right === undefined) return undefined;
      if (expression.operator === '+') return left + right;
      if (expression.operator === '-') return left - right;
      if (expression.operator === '*') return left * right;
      if (expression.operator === '<<' && right < 53) return left * 2 ** right;
      return undefined;
    }
    default:
      return undefined;
  }
}

const reachedIn = new WeakMap<Project, Map<FunctionModel, FunctionModel[]>>();

/** The functions that a function calls, directly or through others, itself first. */
export function reachableFrom(project: Project, start: FunctionModel, depth = maxDepth): FunctionModel[] {
  const cache = reachedIn.get(project) ?? new Map<FunctionModel, FunctionModel[]>();
  reachedIn.set(project, cache);
  const known = depth === maxDepth ? cache.get(start) : undefined;
  if (known) return known;
  const found = new Set([start]);
  let level = [start];
  for (let at = 0; at < depth && level.length > 0; at++) {
    const next: FunctionModel[] = [];
    for (const each of level)
      for (const name of calleesOf(each)) {
        const callee = project.resolve(name, each);
        if (!callee || found.has(callee)) continue;
        found.add(callee);
        next.push(callee);
      }
    level = next;
  }
  const all = [...found];
  if (depth === maxDepth) cache.set(start, all);
  return all;
}

/** The shift that a macro or inline function applies to its one argument. */
function shiftOfCall(
  project: Project,
  name: string,
  operator: '<<' | '>>',
  from: FunctionModel,
): number | undefined {
  if (/^VFIO_PCI_(OFFSET_TO_INDEX|INDEX_TO_OFFSET)$/.test(name) && !project.macro(name, from.file))
    return (operator === '<<') === name.endsWith('OFFSET') ? coreOffsetShift : undefined;
  const callee = project.resolve(name, from);
  if (!callee?.flow || callee.parameters.length !== 1) return undefined;
  for (const node of callee.flow.nodes) {
    if (node.kind !== 'return' || !node.value) continue;
    let value = node.value;
    while (value.kind === 'cast') value = value.operand;
    if (value.kind === 'binary' && value.operator === operator) return constantOf(project, value.right, from);
  }
  return undefined;
}

function spell(target: FunctionModel, span: Span): string {
  return target.text.slice(span.start, span.end).replace(/\s+/g, ' ');
}

/** The shift of `x >> SHIFT`, or of `x >> (SHIFT - PAGE_SHIFT)` as for the page offset of a mapping. */
function plainShift(project: Project, right: Expression, from: FunctionModel): number | undefined {
  const pages = right.kind === 'binary' && right.operator === '-' ? right : undefined;
  const inPages = pages?.right.kind === 'name' && pages.right.name === 'PAGE_SHIFT';
  return constantOf(project, inPages ? pages.left : right, from);
}

const mentionsOffset = (expression: Expression): boolean =>
  [...subexpressions(expression)].some(
    (part) =>
      (part.kind === 'name' && /^(ppos|pos|off|offset)$/.test(part.name)) ||
      (part.kind === 'member' && part.field === 'vm_pgoff'),
  );

/** What a function must contain to take an index out of an offset, for a look before it is read. */
const mayDecode = /OFFSET_TO_INDEX|offset_to_index|>>|\w\(\s*\*?(?:ppos|pos|off|offset)\s*\)/;

/** Names of variables that hold a region's index. */
const indexName = /^i$|ind(ex)?|idx|region|bar/i;

/** The shift of a call that takes an index out of an offset; undefined when it does something else. */
function decodingCall(
  project: Project,
  call: Extract<Expression, { kind: 'call' }>,
  target: FunctionModel,
): { shift: number | undefined; name: string } | undefined {
  if (call.callee.kind !== 'name') return undefined;
  const { name } = call.callee;
  if (/OFFSET_TO_INDEX|offset_to_index/.test(name))
    return { shift: shiftOfCall(project, name, '>>', target), name: `${name}()` };
  const [argument] = call.args;
  if (call.args.length !== 1 || !argument || !mentionsOffset(argument)) return undefined;
  const shift = shiftOfCall(project, name, '>>', target);
  return shift !== undefined && isIndexShift(shift) ? { shift, name: `${name}()` } : undefined;
}

/** Pages, words, windows of a device and the upper half of a register are split off with 32 bits or less. */
const isIndexShift = (shift: number): boolean => shift > 32;

/** Where a function takes a region index out of a file offset. */
export function decodesIn(project: Project, target: FunctionModel): ShiftUse[] {
  const found: ShiftUse[] = [];
  if (!mayDecode.test(target.text)) return found;
  for (const node of target.flow?.nodes ?? []) {
    const store = storeAt(node);
    const isIndex = node.kind === 'switch' || (store !== undefined && indexName.test(store.name));
    for (const part of partsAt(node)) {
      const place = { function: target, start: part.start, end: part.end };
      if (part.kind === 'call') {
        const use = decodingCall(project, part, target);
        if (use) found.push({ place, ...use });
      } else if (part.kind === 'binary' && part.operator === '>>' && mentionsOffset(part.left)) {
        const shift = plainShift(project, part.right, target);
        // Smaller shifts split pages and words, they carry no index: ccw's, the smallest of all, is 10.
        if (shift === undefined || isIndexShift(shift) || (isIndex && shift >= 16))
          found.push({ place, shift, name: spell(target, part.right) });
      }
    }
  }
  return found;
}

/** Where a function writes `info->offset` from an index. */
export function encodesIn(project: Project, target: FunctionModel): ShiftUse[] {
  const found: ShiftUse[] = [];
  if (!/(\.|->)\s*offset\s*=/.test(target.text)) return found;
  for (const expression of target.flow ? expressionsOf(target.flow) : [])
    for (const part of subexpressions(expression)) {
      if (part.kind !== 'assign' || part.operator !== '=') continue;
      if (part.target.kind !== 'member' || part.target.field !== 'offset') continue;
      let { value } = part;
      while (value.kind === 'cast') value = value.operand;
      const place = { function: target, start: part.start, end: part.end };
      if (value.kind === 'call' && value.callee.kind === 'name') {
        const { name } = value.callee;
        found.push({ place, shift: shiftOfCall(project, name, '<<', target), name: `${name}()` });
      } else if (value.kind === 'binary' && value.operator === '<<')
        found.push({
          place,
          shift: constantOf(project, value.right, target),
          name: spell(target, value.right),
        });
      else if (!(value.kind === 'number' && value.value === 0))
        found.push({ place, shift: undefined, name: '' });
    }
  return found;
}
