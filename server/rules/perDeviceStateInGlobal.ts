import { subexpressions } from '../model/c/expressions';
import type { FileModel, FunctionModel } from '../model/c/fileModel';
import type { OpsTable } from '../model/opsTables';
import { bare, nameOfExpression, partsAt, reachable } from '../model/paths';
import type { Project } from '../model/project';
import { at } from './report';
import type { Rule } from './rule';

/** What makes an object that its maker has to give back. */
const makes =
  /^(kmem_cache_create\w*|KMEM_CACHE|(devm_)?kv?[mzc]alloc(_\w+)?|v[mz]alloc|(devm_)?kmemdup|alloc_(ordered_)?workqueue|alloc_pages?|__get_free_pages?|dma_alloc_coherent|io(re)?map\w*|mempool_create\w*|dma_pool_create)$/;

/** Whether a text may declare a pointer for the whole file, so that files without one are not even split. */
function mayDeclarePointer(text: string): boolean {
  let from = 0;
  for (const { 0: stop, index } of text.matchAll(/[;(){}]|$/g)) {
    const piece = text.slice(from, index);
    const line = from === 0 && /^[A-Za-z_]/.test(piece) ? 0 : piece.search(/\n[A-Za-z_]/);
    const star = line < 0 ? -1 : piece.indexOf('*', line + 1);
    if (star >= 0 && (stop === ';' || piece.includes('=', star))) return true;
    from = index + 1;
  }
  return false;
}

/** The variables of a file that are a single pointer and no table. */
function globalPointers(file: FileModel): Set<string> {
  const found = new Set<string>();
  for (const item of file.source.items) {
    if (item.kind !== 'declaration') continue;
    const words = file.source.spellings(item);
    // A struct that is declared here has members and no variables, a prototype has parameters.
    const end = words.findIndex((word) => /^[={(]$/.test(word));
    const head = end < 0 ? words : words[end] === '=' ? words.slice(0, end + 1) : [];
    if (/^(extern|typedef)$/.test(head[0] ?? '')) continue;
    head.forEach((word, at) => {
      if (head[at - 1] === '*' && /^[;=,]$/.test(head[at + 1] ?? '')) found.add(word);
    });
  }
  return found;
}

/** Whether a table of a file has a function where one that runs once for every device stands. */
function isPerDevice(project: Project, path: string, name: string): boolean {
  const named = (table: OpsTable, slots: RegExp): boolean =>
    table.slots.some(({ slot, value }) => value === name && slots.test(slot));
  return (
    project.opsTables(path).some((table) => named(table, /^(init|open_device)$/)) ||
    project.pciDrivers(path).some((table) => named(table, /^probe$/))
  );
}

/** The functions of a file that run once for every device and name one of its variables. */
function perDevice(
  project: Project,
  path: string,
  file: FileModel,
  globals: ReadonlySet<string>,
): FunctionModel[] {
  const named = [...file.functions.values()]
    .flat()
    .filter((each) => file.source.spellings(each.item).some((word) => globals.has(word)));
  if (named.length === 0) return [];
  return named.filter((each) => {
    // The table may stand in another file, unless the function is of this file alone.
    const paths = each.isStatic ? [path] : project.pathsNear(path, each.name);
    return paths.some((near) => isPerDevice(project, near, each.name));
  });
}

/** What belongs to one device is kept with that device. See per-device-state-in-global.md. */
export const perDeviceStateInGlobal: Rule = {
  id: 'per-device-state-in-global',
  severity: 'info',
  needs: 'driver',
  title: 'Per-device state is kept in the device, not in a global variable.',
  *check({ project }, path) {
    if (!['vfio_device_ops', 'struct pci_driver '].some((word) => project.folderMentions(path, word))) return;
    if (!project.matches(path, mayDeclarePointer)) return;
    const file = project.file(path);
    const globals = file ? globalPointers(file) : new Set<string>();
    if (!file || globals.size === 0) return;
    for (const target of perDevice(project, path, file, globals)) {
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
        if (!store || name === undefined || own.has(name) || !globals.has(name)) continue;
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
            `${target.name}() runs for every device and overwrites ${name}: the object of the previous device is lost, and the first device to go frees what the other still uses. Keep it in the struct of the device.`,
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
