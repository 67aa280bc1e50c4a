import { subexpressions, type Expression, type ListEntry } from './expressions';
import type { FunctionModel } from './fileModel';
import { nameOfExpression } from './paths';

/** What is named in a struct kmem_cache_args, by its designators. */
export type CacheArguments = ReadonlyMap<string, Expression>;

/** The entries as a map; undefined when one has no designator, because nobody can know then what it sets. */
function named(entries: readonly ListEntry[]): Map<string, Expression> | undefined {
  const found = new Map<string, Expression>();
  for (const { designator, value } of entries) {
    if (!designator.startsWith('.')) return undefined;
    found.set(designator, value);
  }
  return found;
}

/**
 * What the third argument of kmem_cache_create() sets: a compound literal, or a local struct that is initialised where it
 * is declared and whose members are stored to. Undefined when it comes from elsewhere.
 */
export function cacheArguments(target: FunctionModel, argument: Expression): CacheArguments | undefined {
  const list = subexpressions(argument).find((part) => part.kind === 'list');
  if (list?.kind === 'list') return named(list.entries);
  if (argument.kind !== 'unary' || argument.operator !== '&') return undefined;
  const name = nameOfExpression(argument.operand);
  let found: Map<string, Expression> | undefined;
  for (const node of target.flow?.nodes ?? []) {
    if (node.kind === 'declare' && node.name === name) {
      if (node.initial?.kind !== 'list' || found || !/\bkmem_cache_args$/.test(node.type.trim()))
        return undefined;
      found = named(node.initial.entries);
    }
    if (node.kind !== 'evaluate' || node.expression.kind !== 'assign') continue;
    const { target: place, value } = node.expression;
    if (place.kind === 'member' && nameOfExpression(place.object) === name)
      found?.set(`.${place.field}`, value);
    else if (name !== undefined && nameOfExpression(place) === name) return undefined;
  }
  return found;
}
