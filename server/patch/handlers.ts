import { FileModel, type FunctionModel } from '../model/c/fileModel';
import { readOpsTables } from '../model/opsTables';
import type { CParser } from '../syntax/parser';
import { SourceFile } from '../syntax/sourceFile';
import type { Snapshot } from './snapshot';

/** What the slot .get_region_info_caps takes (struct vfio_device_ops of include/linux/vfio.h). */
const parameters = [
  /^struct\s+vfio_device\s*\*\s*$/,
  /^struct\s+vfio_region_info\s*\*\s*$/,
  /^struct\s+vfio_info_cap\s*\*\s*$/,
];

/** Whether a function can be told to answer for regions by its name and its type, which nothing else in the kernel has. */
function answersForRegions(target: FunctionModel): boolean {
  return (
    target.isStatic &&
    target.name.includes('region_info') &&
    /\bint\b/.test(target.returnType) &&
    target.parameters.length === parameters.length &&
    target.parameters.every(({ type }, at) => parameters[at]?.test(type.trim()))
  );
}

/**
 * Adds a table of operations to a fragment for a handler of region info whose table is cut out: a function that has the
 * type of the slot, which no other function of the fragment calls. Whether the driver is built on vfio-pci-core is left
 * to the rules, which look at what the handler does. The slots .read and .write have types that helpers have as well, so
 * that nothing is guessed for them.
 * @param snapshot the fragment
 * @param parser the grammar
 */
export function withHandlerTables(snapshot: Snapshot, parser: CParser): Snapshot {
  if (!snapshot.text.includes('vfio_info_cap')) return snapshot;
  const file = new FileModel(new SourceFile(snapshot.path, snapshot.text, parser));
  const slots = readOpsTables(file).flatMap((table) => table.slots);
  if (slots.some(({ slot }) => slot.startsWith('get_region_info'))) return snapshot;
  const functions = [...file.functions.values()].flat();
  const tables = functions
    .filter(answersForRegions)
    .filter(
      (target) => !functions.some((each) => each !== target && file.source.spells(each.item, target.name)),
    )
    .map(
      ({ name }, at) =>
        `static const struct vfio_device_ops ism_lint_ops${at} = { .get_region_info_caps = ${name} };\n`,
    );
  return tables.length === 0 ? snapshot : { ...snapshot, text: snapshot.text + tables.join('') };
}
