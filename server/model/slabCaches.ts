import { subexpressions, type Expression, type ListEntry } from './c/expressions';
import type { FunctionModel } from './c/fileModel';
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
  const nodes = target.flow?.nodes ?? [];
  const [declared, ...others] = nodes.filter((node) => node.kind === 'declare' && node.name === name);
  if (declared?.kind !== 'declare' || others.length > 0) return undefined;
  if (declared.initial?.kind !== 'list' || !/\bkmem_cache_args$/.test(declared.type.trim())) return undefined;
  const found = named(declared.initial.entries);
  for (const node of nodes) {
    if (node.kind !== 'evaluate' || node.expression.kind !== 'assign') continue;
    const { target: place, value } = node.expression;
    if (nameOfExpression(place) === name) return undefined;
    if (place.kind === 'member' && nameOfExpression(place.object) === name)
      found?.set(`.${place.field}`, value);
  }
  return found;
}
