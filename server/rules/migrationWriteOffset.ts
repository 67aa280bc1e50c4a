import { subexpressions, type Expression } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import { bare, callsOf, nameOfExpression, partsAt, pathOf, storeAt, writes } from '../model/paths';
import {
  accessFunctions,
  growsWithCount,
  movesWithOffset,
  rangeOfHandler,
  spread,
  type UserRange,
} from '../model/userRange';
import { at } from './report';
import type { Rule } from './rule';

/** Whether a function moves the position of its file along by a part of the length: `*pos += len`. */
function advances(target: FunctionModel, range: UserRange): boolean {
  return (target.flow?.nodes ?? []).some((node) =>
    partsAt(node).some((part) => {
      if (part.kind !== 'assign' || !/^\+?=$/.test(part.operator)) return false;
      // `*pos = *pos + len` is a sum that begins with the position itself.
      const sum = bare(part.value);
      if (part.operator === '=' && (sum.kind !== 'binary' || sum.operator !== '+')) return false;
      const place = bare(part.target);
      const isPosition =
        (place.kind === 'unary' &&
          place.operator === '*' &&
          range.positions.has(nameOfExpression(place.operand) ?? '')) ||
        (place.kind === 'member' && place.field === 'f_pos');
      return isPosition && growsWithCount(part.value, range);
    }),
  );
}

/** Whether an address is the same in every call: a member of the file's data, not what a call or the position gave. */
function isStart(target: FunctionModel, address: Expression, range: UserRange, depth = 2): boolean {
  const plain = bare(address);
  const parts = [...subexpressions(plain)];
  if (
    movesWithOffset(plain, range) ||
    parts.some((part) => /^(call|subscript|other|update)$/.test(part.kind))
  )
    return false;
  if (plain.kind === 'name') {
    const nodes = target.flow?.nodes ?? [];
    const changes = nodes.filter((node) => writes(node, plain.name));
    const stores = changes.flatMap((node) => storeAt(node) ?? []);
    const isPointer = nodes.some(
      (node) => node.kind === 'declare' && node.name === plain.name && node.type.endsWith('*'),
    );
    // Declared without a value and stored once, or declared with one: anything more moves it along.
    return (
      isPointer &&
      depth > 0 &&
      stores.length === 1 &&
      changes.every((node) => node.kind === 'declare' || storeAt(node)) &&
      stores.every(({ value }) => bare(value).kind !== 'name' && isStart(target, value, range, depth - 1))
    );
  }
  if (plain.kind === 'binary') return false;
  const member = plain.kind === 'unary' && plain.operator === '&' ? bare(plain.operand) : plain;
  const path = member.kind === 'member' ? pathOf(member) : undefined;
  if (path === undefined) return false;
  // Code that advances the member, or the pointer to its owner, knows where the next piece belongs.
  const owners = path.split('.').map((_, depthOf, all) => all.slice(0, depthOf + 1).join('.'));
  return !(target.flow?.nodes ?? []).some((node) =>
    partsAt(node).some(
      (part) =>
        ((part.kind === 'assign' && owners.includes(pathOf(part.target) ?? '')) ||
          (part.kind === 'update' && owners.includes(pathOf(part.operand) ?? ''))) &&
        !(part.kind === 'assign' && part.operator === '=' && bare(part.value).kind === 'member'),
    ),
  );
}

/** Whether another function also receives what lies at an address: each piece may be done with when the next one comes. */
function isHandedOn(target: FunctionModel, address: Expression): boolean {
  const path = pathOf(address);
  return callsOf(target.flow, /./).some(
    ({ call, name }) =>
      !/^(_*copy_(from|to)_user|kv?free|sizeof|memset)$/.test(name) &&
      path !== undefined &&
      call.args.some((arg) => pathOf(arg) === path),
  );
}

/** What arrives of a migration's data goes to where the position says. See migration-write-offset.md. */
export const migrationWriteOffset: Rule = {
  id: 'migration-write-offset',
  severity: 'error',
  needs: 'driver',
  title: 'Migration read and write honour the file position.',
  *check({ project }, path) {
    if (project.isUserSpace(path)) return;
    for (const target of accessFunctions(project, path)) {
      // Without a copy there is nothing to say, and the function need not be read.
      if (!/\bcopy_(from|to)_user\b/.test(target.text)) continue;
      if (!target.parameters.some(({ type }) => /\bstruct\s+file\s*\*/.test(type))) continue;
      const start = rangeOfHandler(target);
      const range = start && spread(target, start);
      if (!range || !advances(target, range)) continue;
      for (const { call, name } of callsOf(target.flow, /^_*copy_(from|to)_user$/)) {
        const address = call.args[name.endsWith('to_user') ? 1 : 0];
        const length = call.args[2];
        if (!address || !length || !growsWithCount(length, range) || !isStart(target, address, range))
          continue;
        if (isHandedOn(target, address)) continue;
        yield at(
          this,
          target,
          call,
          `The position advances with each call, but this copy always starts at the same address: a second piece ${name.endsWith('to_user') ? 'repeats' : 'overwrites'} the first, and the check of the position bounds nothing. Add the position to the address.`,
        );
      }
    }
  },
};
