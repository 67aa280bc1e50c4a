import type { Expression } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import { bare, callsOf, nameOfExpression, partsAt, pathOf, storeAt } from '../model/paths';
import type { Project } from '../model/project';
import { constantOf } from '../model/regionOffsets';
import { cacheArguments } from '../model/slabCaches';
import { at } from './report';
import type { Rule } from './rule';

/** The last member of a path: caches are told apart by the member that holds them. */
const field = (expression: Expression | undefined): string | undefined =>
  expression && pathOf(expression)?.split('.').at(-1);

/** Whether a slab cache is created without an alignment: an align of 0, or a kmem_cache_args that names none. */
function isUnaligned(project: Project, call: Expression, from: FunctionModel): boolean {
  if (call.kind !== 'call') return false;
  const zero = (value: Expression): boolean => constantOf(project, bare(value), from) === 0;
  const third = call.args[2];
  switch (nameOfExpression(call.callee)) {
    case 'kmem_cache_create_usercopy':
      return third !== undefined && zero(third);
    case 'kmem_cache_create': {
      if (!third) return false;
      if (call.args.length === 5) return zero(third);
      if (nameOfExpression(third) === 'NULL') return true;
      const given = cacheArguments(from, third);
      const align = given?.get('.align');
      return given !== undefined && (!align || zero(align));
    }
    default:
      return false;
  }
}

/** The buffer of a PCI store block comes from a cache that aligns its objects. See pcistb-buffer-alignment.md. */
export const pcistbBufferAlignment: Rule = {
  id: 'pcistb-buffer-alignment',
  severity: 'warning',
  needs: 'driver',
  title: 'The buffer of a PCI store block comes from an aligned cache.',
  *check({ project }, path) {
    for (const target of project.units(path, '__zpci_store_block'))
      for (const { call } of callsOf(target.flow, /^__zpci_store_block$/)) {
        const buffer = nameOfExpression(call.args[0]);
        if (buffer === undefined) continue;
        const caches = allocationsOf(target, buffer);
        const [cache] = caches;
        if (cache === undefined || caches.some((each) => each !== cache)) continue;
        const creations = creationsOf(project, target, cache);
        if (creations.length === 0 || !creations.every(({ unaligned }) => unaligned)) continue;
        for (const creation of creations)
          yield at(
            this,
            creation.function,
            creation.call,
            `Objects of this cache are stored with __zpci_store_block() in ${target.name}(), but the cache does not align them: an object can cross a page boundary. Align the cache to PAGE_SIZE.`,
          );
      }
  },
};

/** The caches that a buffer is taken from; undefined stands for anything else it can be. */
function allocationsOf(target: FunctionModel, buffer: string): (string | undefined)[] {
  return (target.flow?.nodes ?? []).flatMap((node) => {
    const store = storeAt(node);
    if (store?.name !== buffer) return [];
    const value = bare(store.value);
    const takes =
      value.kind === 'call' &&
      /^kmem_cache_(alloc|zalloc)(_node)?$/.test(nameOfExpression(value.callee) ?? '');
    return [takes ? field(value.args[0]) : undefined];
  });
}

interface Creation {
  readonly function: FunctionModel;
  readonly call: Expression;
  readonly unaligned: boolean;
}

/** Where a cache is created, in the files of the folder. */
function creationsOf(project: Project, from: FunctionModel, cache: string): Creation[] {
  return project.near(from.file.source.path, cache).flatMap((file) =>
    project.units(file.source.path, 'kmem_cache_create').flatMap((target) =>
      (target.flow?.nodes ?? []).flatMap((node) =>
        partsAt(node).flatMap((part) => {
          const stores =
            part.kind === 'assign' && field(part.target) === cache ? bare(part.value) : undefined;
          return stores?.kind === 'call' && /^kmem_cache_create/.test(nameOfExpression(stores.callee) ?? '')
            ? [{ function: target, call: stores, unaligned: isUnaligned(project, stores, target) }]
            : [];
        }),
      ),
    ),
  );
}
