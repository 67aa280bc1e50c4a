import type { SourceFile } from '../syntax/sourceFile';
import type { OpsTable } from './opsTables';
import type { Project } from './project';

const names = ['PCI_DEVICE_ID_IBM_ISM', '__zpci_load', '__zpci_store_block'];

function isOfIsm(source: SourceFile): boolean {
  if (!/\b(__zpci_(load|store_block)|PCI_DEVICE_ID_IBM_ISM)\b/.test(source.text)) return false;
  return (
    /\b__zpci_(load|store_block)\s*\(/.test(source.text) ||
    // The names may also stand in a comment only.
    source.items.some((item) => names.some((name) => source.spells(item, name)))
  );
}

/**
 * Whether a table belongs to a driver of ISM functions, which take nothing but function-handle instructions: it says so
 * by the id of its device, or by the instructions it uses, in the file of the table or in one that a function of it is in.
 */
export function isIsmDriver(project: Project, table: OpsTable): boolean {
  if (isOfIsm(table.file.source)) return true;
  const { path } = table.file.source;
  if (!names.some((name) => project.folderMentions(path, name))) return false;
  return table.slots.some(({ value }) =>
    project.definitions(value, table.file).some(({ file }) => isOfIsm(file.source)),
  );
}
