import type { Expression } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import { isIsmProgram } from '../model/ismProgram';
import { bare, callsOf, mentions, nameOfExpression, storeAt, writes } from '../model/paths';
import type { Project } from '../model/project';
import { constantOf } from '../model/regionOffsets';
import { at } from './report';
import type { Rule } from './rule';

/** The block that no PCI store block may leave; it is also the longest store (drivers/vfio/pci/ism/main.c). */
const block = 4096;

/** What a local variable holds that is given a value once, as `at = region.offset + 0x80` gives one. */
function heldBy(target: FunctionModel, expression: Expression): Expression | undefined {
  const name = nameOfExpression(expression);
  if (name === undefined) return undefined;
  const nodes = target.flow?.nodes ?? [];
  const changes = nodes.filter(
    (node) => writes(node, name) && !(node.kind === 'declare' && node.initial === undefined),
  );
  const [only] = changes;
  const isLocal = nodes.some((node) => node.kind === 'declare' && node.name === name);
  const store = only && changes.length === 1 && isLocal ? storeAt(only) : undefined;
  return store && !mentions(store.value, name) ? store.value : undefined;
}

/** What of an offset is constant beyond the offset of the region, which is a multiple of the block. */
function constantPart(project: Project, offset: Expression, target: FunctionModel): number | undefined {
  const plain = bare(offset);
  const known = constantOf(project, plain, target);
  if (known !== undefined) return known;
  if (plain.kind === 'member' && plain.field === 'offset') return 0;
  const held = heldBy(target, plain);
  if (held) return constantPart(project, held, target);
  if (plain.kind !== 'binary' || plain.operator !== '+') return undefined;
  const left = constantPart(project, plain.left, target);
  const right = constantPart(project, plain.right, target);
  return left === undefined || right === undefined ? undefined : left + right;
}

/** A store to an ISM function stays in one block of 4 KiB. See ism-write-limits.md. */
export const ismWriteLimits: Rule = {
  id: 'ism-write-limits',
  severity: 'error',
  needs: 'function',
  title: 'A write to an ISM function has at most 4 KiB and does not cross a 4 KiB boundary.',
  *check({ project }, path) {
    if (!project.mentions(path, 'pwrite') || !project.isUserSpace(path) || !isIsmProgram(project, path))
      return;
    for (const target of project.units(path, 'pwrite'))
      for (const { call, name } of callsOf(target.flow, /^pwrite(64)?$/)) {
        const [file, , length, offset] = call.args;
        if (!file || !length || !offset || !aboutRegion(target, offset)) continue;
        const size = constantOf(project, length, target);
        const start = constantPart(project, offset, target);
        if (size === undefined) continue;
        if (size > block)
          yield at(
            this,
            target,
            call,
            `This ${name}() stores ${size} bytes at once. An ISM function takes at most ${block}, and ism-vfio-pci refuses more. Store one block at a time.`,
          );
        else if (start !== undefined && (start % block) + size > block)
          yield at(
            this,
            target,
            call,
            `This ${name}() stores ${size} bytes at offset ${start} and crosses a ${block}-byte boundary. ism-vfio-pci refuses it. Split it at the boundary.`,
          );
      }
  },
};

/** Whether an offset is that of a region: files and sockets have other offsets. */
const aboutRegion = (target: FunctionModel, offset: Expression): boolean => {
  const plain = bare(offset);
  if (plain.kind === 'member') return plain.field === 'offset';
  if (plain.kind === 'binary') return aboutRegion(target, plain.left) || aboutRegion(target, plain.right);
  const held = heldBy(target, plain);
  return mentions(plain, 'region_offset') || (held !== undefined && aboutRegion(target, held));
};
