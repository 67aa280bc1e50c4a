import { subexpressions } from '../model/expressions';
import type { FileModel, FunctionModel } from '../model/fileModel';
import { bare, nameOfExpression, partsAt, reachable } from '../model/paths';
import type { Project } from '../model/project';
import { at } from './report';
import type { Rule } from './rule';

/** What makes an object that its maker has to give back. */
const makes =
  /^(kmem_cache_create\w*|KMEM_CACHE|kv?[mzc]alloc(_\w+)?|v[mz]alloc|kmemdup|alloc_(ordered_)?workqueue|alloc_pages?|__get_free_pages?|dma_alloc_coherent|io(re)?map\w*|mempool_create\w*|dma_pool_create)$/;

/** The functions of a file that run once for every device. */
function* perDevice(project: Project, path: string): Generator<FunctionModel> {
  const slots = [
    ...project
      .opsTables(path)
      .flatMap((table) => table.slots.filter(({ slot }) => /^(init|open_device)$/.test(slot))),
    ...project.pciDrivers(path).flatMap((table) => table.slots.filter(({ slot }) => slot === 'probe')),
  ];
  const file = project.file(path);
  if (file) for (const { value } of slots) yield* project.definitions(value, file);
}

/** Whether a file has a variable of its own that is a single pointer and no table. */
function isGlobalPointer(file: FileModel, name: string): boolean {
  return file.source.items.some((item) => {
    if (item.kind !== 'declaration' || !file.source.spells(item, name)) return false;
    const words = file.source.spellings(item);
    const place = words.indexOf(name);
    return (
      words[0] !== 'extern' &&
      words[0] !== 'typedef' &&
      words[place - 1] === '*' &&
      /^[;=,]$/.test(words[place + 1] ?? '') &&
      // A member of a struct that is declared here is no variable.
      !words.slice(0, place).some((word) => word === '{' || word === '(')
    );
  });
}

/** What belongs to one device is kept with that device. See per-device-state-in-global.md. */
export const perDeviceStateInGlobal: Rule = {
  id: 'per-device-state-in-global',
  severity: 'info',
  title: 'What is made for a device is kept in that device, not in a variable of the file.',
  *check({ project }, path) {
    for (const target of new Set(perDevice(project, path))) {
      const { flow } = target;
      if (!flow) continue;
      const own = new Set(target.parameters.map(({ name }) => name));
      for (const node of flow.nodes) if (node.kind === 'declare') own.add(node.name);
      for (const [id, node] of flow.nodes.entries()) {
        if (node.kind !== 'evaluate' && node.kind !== 'branch') continue;
        const store = partsAt(node).find(
          (part) =>
            part.kind === 'assign' &&
            part.operator === '=' &&
            bare(part.value).kind === 'call' &&
            makes.test(callee(part.value)),
        );
        const name = store?.kind === 'assign' ? nameOfExpression(store.target) : undefined;
        if (!store || name === undefined || own.has(name) || !isGlobalPointer(target.file, name)) continue;
        // A condition on something of the file, as a count of users, may be what makes it once for all devices.
        const asksGlobals = (each: typeof node | (typeof flow.nodes)[number]): boolean =>
          (each.kind === 'branch' || each.kind === 'switch') &&
          partsAt(each).some(
            (part) => part.kind === 'name' && !own.has(part.name) && !isCallee(each, part.name),
          );
        const unconditional = reachable(flow, [flow.entry], (each, at) => at !== id && asksGlobals(each)).has(
          id,
        );
        if (unconditional)
          yield at(
            this,
            target,
            store,
            `Every device comes through ${target.name}(), and each one overwrites what ${name} held for the one before: that is lost, and what the first device frees the second still uses. Keep it in the struct of the device.`,
          );
      }
    }
  },
};

function callee(value: Parameters<typeof bare>[0]): string {
  const plain = bare(value);
  return plain.kind === 'call' ? (nameOfExpression(plain.callee) ?? '') : '';
}

/** Whether a name in a condition is only that of a function, a constant, or an error's number. */
function isCallee(node: Parameters<typeof partsAt>[0], name: string): boolean {
  return (
    /^[A-Z0-9_]+$/.test(name) ||
    partsAt(node).some(
      (part) =>
        part.kind === 'call' &&
        [...subexpressions(part.callee)].some((each) => each.kind === 'name' && each.name === name),
    )
  );
}
