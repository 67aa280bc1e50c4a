import { subexpressions, type Expression } from '../model/c/expressions';
import { callsOf, storeAt, bare, nameOfExpression } from '../model/paths';
import { constantOf } from '../model/regionOffsets';
import { at } from './report';
import type { Rule } from './rule';

/** Where the offset stands among the arguments of a call. */
const offsetArgument: Readonly<Record<string, number>> = {
  pread: 3,
  pwrite: 3,
  pread64: 3,
  pwrite64: 3,
  preadv: 3,
  pwritev: 3,
  mmap: 5,
  mmap64: 5,
};

/** A program takes a region's offset from VFIO_DEVICE_GET_REGION_INFO. See hardcoded-region-offset.md. */
export const hardcodedRegionOffset: Rule = {
  id: 'hardcoded-region-offset',
  severity: 'error',
  title: 'Region offsets are taken from VFIO_DEVICE_GET_REGION_INFO, not computed.',
  needs: 'file',
  *check({ project }, path) {
    if (!project.isUserSpace(path)) return;
    for (const target of ['pread', 'pwrite', 'mmap'].flatMap((word) => [...project.units(path, word)])) {
      const shifted = (expression: Expression, depth = 2): boolean =>
        [...subexpressions(expression)].some((part) => {
          if (part.kind === 'binary' && part.operator === '<<')
            return constantOf(project, part.right, target) === 40;
          if (part.kind === 'call' && part.callee.kind === 'name') {
            if (
              part.callee.name === 'VFIO_PCI_INDEX_TO_OFFSET' &&
              !project.macro(part.callee.name, target.file)
            )
              return true;
            const callee = depth > 0 ? project.resolve(part.callee.name, target) : undefined;
            return (
              callee?.flow?.nodes.some(
                (node) =>
                  node.kind === 'return' &&
                  node.value &&
                  [...subexpressions(node.value)].some(
                    (each) =>
                      each.kind === 'binary' &&
                      each.operator === '<<' &&
                      constantOf(project, each.right, callee) === 40,
                  ),
              ) ?? false
            );
          }
          if (part.kind !== 'name' || depth === 0) return false;
          return (target.flow?.nodes ?? [])
            .map(storeAt)
            .some((store) => store?.name === part.name && shifted(store.value, depth - 1));
        });
      for (const { call, name } of callsOf(target.flow, /^(p(read|write)(v|64)?|mmap(64)?)$/)) {
        const offset = call.args[offsetArgument[name] ?? 3];
        if (offset && shifted(offset) && nameOfExpression(bare(offset)) !== 'VFIO_PCI_OFFSET_MASK')
          yield at(
            this,
            target,
            offset,
            'Each driver encodes offsets in its own way: ism-vfio-pci shifts by 48, so index << 40 addresses BAR 0. Take the offset from VFIO_DEVICE_GET_REGION_INFO.',
          );
      }
    }
  },
};
