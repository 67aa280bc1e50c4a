import { partsAt, nameOfExpression, storeAt } from '../model/paths';
import { bare } from '../model/paths';
import { decodesIn } from '../model/regionOffsets';
import type { FlowNode } from '../model/c/flow';
import type { FunctionModel } from '../model/c/fileModel';
import type { Project } from '../model/project';
import { subexpressions, type Expression } from '../model/c/expressions';
import { at } from './report';
import type { Rule } from './rule';

/** A type that makes the other side of a comparison unsigned as well. */
const unsigned =
  /^(const\s+)?(unsigned(\s+(int|long|long\s+long))?|size_t|u32|u64|__u32|__u64|uint32_t|uint64_t)$/;

/**
 * Whether a comparison with a bound is one of unsigned numbers, which a negative index does not pass: of a size, or of a
 * member that is declared so where the driver has its struct.
 */
function isUnsigned(project: Project, target: FunctionModel, bound: Expression): boolean {
  return subexpressions(bound).some((part) => {
    if (part.kind === 'cast') return unsigned.test(part.type.trim());
    if (part.kind === 'call') return /^(ARRAY_SIZE|sizeof)$/.test(nameOfExpression(part.callee) ?? '');
    const text = target.text.slice(part.start, part.end);
    if (part.kind === 'number') return /[uU]/.test(text);
    if (part.kind !== 'member') return /^sizeof\b/.test(text);
    const declared = new RegExp(
      `\\b(unsigned(\\s+(int|long))?|size_t|(__)?u(32|64)|uint(32|64)_t)\\s+${part.field}\\s*;`,
    );
    return project
      .pathsNear(target.file.source.path, part.field)
      .some((path) => project.matches(path, (each) => declared.test(each)));
  });
}

/** Whether what is stored has both of its ends already, by a clamp or a mask. */
function isConfined(value: Expression): boolean {
  const plain = bare(value);
  if (plain.kind === 'call')
    return /^(clamp\w*|array_index_nospec)$/.test(nameOfExpression(plain.callee) ?? '');
  return plain.kind === 'binary' && plain.operator === '&';
}

/** Which sides of a variable a function compares: above with a bound, below with zero; a switch does both. */
function sides(
  project: Project,
  target: FunctionModel,
  nodes: readonly FlowNode[],
  name: string,
): { upper: boolean; lower: boolean } {
  const found = { upper: false, lower: false };
  for (const node of nodes) {
    if (node.kind === 'switch' && nameOfExpression(node.value) === name) found.lower = found.upper = true;
    for (const part of partsAt(node)) {
      if (part.kind !== 'binary') continue;
      const zero = bare(part.right).kind === 'number' && (bare(part.right) as { value?: number }).value === 0;
      if (nameOfExpression(part.left) !== name) continue;
      if (
        /^[<>]=?$/.test(part.operator) &&
        ((part.left.kind === 'cast' && unsigned.test(part.left.type.trim())) ||
          isUnsigned(project, target, part.right))
      )
        found.lower = found.upper = true;
      else if (/^[<>]=?$/.test(part.operator))
        found[zero && /^[<]|>=/.test(part.operator) ? 'lower' : 'upper'] = true;
      if (part.operator === '==') found.lower = true;
    }
  }
  return found;
}

/** A region index that user space chose has no sign, or both of its ends are checked. See signed-region-index.md. */
export const signedRegionIndex: Rule = {
  id: 'signed-region-index',
  severity: 'warning',
  title: 'A region index from user space is unsigned if only its upper bound is checked.',
  needs: 'function',
  *check({ project }, path) {
    const decoding = ['vm_pgoff', 'OFFSET_TO_INDEX', 'loff_t'].flatMap((word) => project.units(path, word));
    for (const target of new Set(decoding)) {
      const nodes = target.flow?.nodes ?? [];
      const decodes = decodesIn(project, target);
      for (const node of nodes) {
        if (
          node.kind !== 'declare' ||
          !/^(const\s+)?(signed\s+)?(int|long|s32|short)$/.test(node.type.trim())
        )
          continue;
        const stored = nodes
          .map(storeAt)
          .some(
            (store) =>
              store?.name === node.name &&
              !isConfined(store.value) &&
              decodes.some(({ place }) =>
                [...subexpressions(store.value)].some((part) => part.start === place.start),
              ),
          );
        const { upper, lower } = sides(project, target, nodes, node.name);
        const subscripted = nodes
          .flatMap(partsAt)
          .some((part) => part.kind === 'subscript' && nameOfExpression(part.index) === node.name);
        if (stored && upper && !lower && subscripted)
          yield at(
            this,
            target,
            node.span,
            `${node.name} comes from user space and is signed, but only its upper bound is checked: a large offset makes it negative, and the access lies before the table. Make it unsigned.`,
          );
      }
    }
  },
};
