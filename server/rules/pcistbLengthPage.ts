import { subexpressions, type Expression } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import { isUnguarded, type Telling } from '../model/guards';
import { callsOf } from '../model/paths';
import type { Project } from '../model/project';
import { at } from './report';
import type { Rule } from './rule';

const has = (expression: Expression, fits: (part: Expression) => boolean): boolean =>
  [...subexpressions(expression)].some(fits);

/** About the longest store that the function takes. */
const length: Telling = (expression, aliases) =>
  has(
    expression,
    (part) =>
      (part.kind === 'member' && part.field === 'maxstbl') ||
      (part.kind === 'name' && aliases.has(part.name)),
  );

const calls = (part: Expression, names: RegExp): boolean =>
  part.kind === 'call' && part.callee.kind === 'name' && names.test(part.callee.name);

/** What tells where in its page, or in which page, an address is. */
const inPages = /^(offset_in_page|PAGE_ALIGN\w*|PFN_(UP|DOWN)|PHYS_PFN)$/;

/** `off >> 12` is the number of a block: a store whose first and last byte have the same stays in it. */
const isShiftByPage = (part: Expression): boolean =>
  part.kind === 'binary' && part.operator === '>>' && part.right.kind === 'number' && part.right.value === 12;

/** About the 4 KiB block that a store must not leave. */
const page: Telling = (expression, aliases) =>
  has(
    expression,
    (part) =>
      (part.kind === 'name' &&
        (/^(PAGE_(SIZE|MASK|SHIFT)|SZ_4K)$/.test(part.name) ||
          (part.name.startsWith('ZPCI_') && part.name.includes('BOUNDARY')) ||
          aliases.has(part.name))) ||
      (part.kind === 'number' && (part.value === 4096 || part.value === 4095)) ||
      isShiftByPage(part) ||
      calls(part, inPages),
  ) &&
  // A bound of the length alone, as `count > PAGE_SIZE`, says nothing about where the store begins.
  has(
    expression,
    (part) =>
      (part.kind === 'binary' && /^([%&^+-]|>>)$/.test(part.operator)) ||
      calls(part, inPages) ||
      calls(part, /^(ALIGN(_DOWN)?|round_?(up|down))$/) ||
      (part.kind === 'name' && aliases.has(part.name)),
  );

/** Whether what a function stores comes from user space: it copies it, or one of its callers does. */
function storesForUser(project: Project, target: FunctionModel): boolean {
  const copies = /^(copy_from_user|memdup_user|vmemdup_user|copy_from_iter\w*)$/;
  return [target, ...project.callersOf(target)].some((each) => callsOf(each.flow, copies).length > 0);
}

/** A store block is as long as the function takes at most, and stays in its 4 KiB block. See pcistb-length-page.md. */
export const pcistbLengthPage: Rule = {
  id: 'pcistb-length-page',
  severity: 'error',
  title: 'The length of a PCI store block is checked against maxstbl and the 4 KiB boundary.',
  needs: 'driver',
  *check({ project }, path) {
    for (const target of project.units(path, '__zpci_store_block'))
      for (const { id, call } of callsOf(target.flow, /^__zpci_store_block$/)) {
        if (!storesForUser(project, target)) continue;
        const missing = [
          ...(isUnguarded(project, target, id, length) ? ["the function's maxstbl"] : []),
          ...(isUnguarded(project, target, id, page) ? ['one 4 KiB block'] : []),
        ];
        if (missing.length > 0)
          yield at(
            this,
            target,
            call,
            `User space controls the length and offset of this store, and no check limits it to ${missing.join(' and ')}: ` +
              'the instruction fails, or stores less than requested. Check length and offset first.',
          );
      }
  },
};
