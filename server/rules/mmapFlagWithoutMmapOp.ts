import { subexpressions, type Expression } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import { expressionsOf } from '../model/c/flow';
import { isIsmDriver } from '../model/ismDriver';
import { nameOfExpression } from '../model/paths';
import { regionInfoHandlers } from '../model/regionInfo';
import { reachableFrom } from '../model/regionOffsets';
import { at } from './report';
import type { Rule } from './rule';

const flag = 'VFIO_REGION_INFO_FLAG_MMAP';

/** Who says that a region can be mapped has an operation for it. See mmap-flag-without-mmap-op.md. */
export const mmapFlagWithoutMmapOp: Rule = {
  id: 'mmap-flag-without-mmap-op',
  severity: 'error',
  title: 'A driver that reports a region as mappable has .mmap.',
  needs: 'file',
  *check({ project }, path) {
    for (const table of project.opsTables(path)) {
      const ism = isIsmDriver(project, table);
      const info = table.slots.find(({ slot }) => /^get_region_info(_caps)?$/.test(slot));
      if (!table.slots.some(({ slot }) => slot === 'open_device' || slot === 'init')) continue;
      if ((table.isOpen || table.slots.some(({ slot }) => slot === 'mmap')) && !ism) continue;
      for (const handler of regionInfoHandlers(project, table))
        for (const target of info
          ? reachableFrom(project, handler.function).filter((each) => each.text.includes(flag))
          : [])
          for (const expression of target.flow ? expressionsOf(target.flow) : [])
            for (const part of subexpressions(expression)) {
              if (
                part.kind !== 'assign' ||
                !(isFlags(part.target) || gathered(target).has(nameOfExpression(part.target) ?? '')) ||
                !/^\|?=$/.test(part.operator)
              )
                continue;
              const says = [...subexpressions(part.value)].find(
                (each) => each.kind === 'name' && each.name === flag,
              );
              if (says)
                yield at(
                  this,
                  target,
                  says,
                  ism
                    ? 'A BAR of an ISM function cannot be mapped: access through a mapping uses MIO instructions, which the function does not support. Do not set VFIO_REGION_INFO_FLAG_MMAP.'
                    : `This region is reported as mappable, but ${table.name} has no .mmap. Add one, or do not set VFIO_REGION_INFO_FLAG_MMAP.`,
                );
            }
    }
  },
};

const isFlags = (place: Expression): boolean => place.kind === 'member' && place.field === 'flags';

/** The variables whose value becomes the flags of a region. */
function gathered(target: FunctionModel): ReadonlySet<string> {
  return new Set(
    (target.flow ? [...expressionsOf(target.flow)] : []).flatMap((expression) =>
      subexpressions(expression).flatMap((part) =>
        part.kind === 'assign' && isFlags(part.target) ? (nameOfExpression(part.value) ?? []) : [],
      ),
    ),
  );
}
