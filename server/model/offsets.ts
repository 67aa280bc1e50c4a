import type { Span } from '../syntax/lexer/tokens';
import { subexpressions } from './expressions';
import { expressionsOf } from './flow';
import type { FunctionModel } from './fileModel';

/**
 * The first place where a function encodes a region's offset with a macro of its own instead of the core's
 * VFIO_PCI_INDEX_TO_OFFSET(). The span is relative to the function's item.
 */
export function firstOwnOffset(target: FunctionModel): { span: Span; macro: string } | undefined {
  const found: { span: Span; macro: string }[] = [];
  for (const expression of target.flow ? expressionsOf(target.flow) : [])
    for (const part of subexpressions(expression)) {
      if (part.kind !== 'assign' || part.target.kind !== 'member' || part.target.field !== 'offset') continue;
      const { value } = part;
      if (
        value.kind === 'call' &&
        value.callee.kind === 'name' &&
        value.callee.name !== 'VFIO_PCI_INDEX_TO_OFFSET'
      )
        found.push({ span: { start: part.start, end: part.end }, macro: value.callee.name });
    }
  return found.sort((a, b) => a.span.start - b.span.start)[0];
}
