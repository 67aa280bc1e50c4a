import type { Expression } from '../model/c/expressions';
import { bare, partsAt, nameOfExpression } from '../model/paths';
import { at } from './report';
import type { Rule } from './rule';

const narrow = /^(const\s+)?((unsigned|signed)(\s+int)?|int|u?int32_t|__u32|u32)$/;
const fields = /^(offset|size)$/;

/** Whether a value is the offset or the size of a struct vfio_region_info. */
function isRegionField(value: Expression, infos: ReadonlySet<string>): boolean {
  const plain = value.kind === 'cast' ? bare(value) : value;
  if (plain.kind === 'binary' && /^[+-]$/.test(plain.operator))
    return isRegionField(plain.left, infos) || isRegionField(plain.right, infos);
  return (
    plain.kind === 'member' && fields.test(plain.field) && infos.has(nameOfExpression(plain.object) ?? '')
  );
}

/** The offset and the size of a region have 64 bits. See region-offset-truncated.md. */
export const regionOffsetTruncated: Rule = {
  id: 'region-offset-truncated',
  severity: 'warning',
  title: 'Region offsets and sizes are kept in 64 bits.',
  needs: 'function',
  *check({ project }, path) {
    if (!project.isUserSpace(path)) return;
    for (const target of project.units(path, 'vfio_region_info')) {
      const nodes = target.flow?.nodes ?? [];
      const types = new Map<string, string>(target.parameters.map(({ name, type }) => [name, type]));
      for (const node of nodes) if (node.kind === 'declare') types.set(node.name, node.type);
      const infos = new Set(
        [...types].filter(([, type]) => /\bvfio_region_info\b/.test(type)).map(([name]) => name),
      );
      // Where the upper half is taken as well, the lower one is no mistake.
      const halves = nodes
        .flatMap(partsAt)
        .some((part) => part.kind === 'binary' && part.operator === '>>' && isRegionField(part.left, infos));
      for (const node of halves ? [] : nodes) {
        if (
          node.kind === 'declare' &&
          node.initial &&
          narrow.test(node.type.trim()) &&
          isRegionField(node.initial, infos)
        )
          yield at(
            this,
            target,
            node.span,
            `${node.name} has 32 bits, but region offsets and sizes need 64: offsets start at 1 << 40 or higher. Use a 64-bit type.`,
          );
        for (const part of partsAt(node)) {
          const name =
            part.kind === 'assign' && part.operator === '=' ? nameOfExpression(part.target) : undefined;
          if (
            part.kind === 'assign' &&
            name !== undefined &&
            narrow.test((types.get(name) ?? '').trim()) &&
            isRegionField(part.value, infos)
          )
            yield at(
              this,
              target,
              part,
              `${name} has 32 bits, but region offsets and sizes need 64: offsets start at 1 << 40 or higher. Use a 64-bit type.`,
            );
        }
      }
    }
  },
};
