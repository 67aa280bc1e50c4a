import type { OpsTable } from './opsTables';

const names = ['PCI_DEVICE_ID_IBM_ISM', '__zpci_load', '__zpci_store_block'];

/**
 * Whether a table belongs to a driver of ISM functions, which take nothing but function-handle instructions: it says so
 * by the id of its device, or by the instructions it uses.
 */
export function isIsmDriver(table: OpsTable): boolean {
  const { source } = table.file;
  if (!/\b(__zpci_(load|store_block)|PCI_DEVICE_ID_IBM_ISM)\b/.test(source.text)) return false;
  return (
    /\b__zpci_(load|store_block)\s*\(/.test(source.text) ||
    // The names may also stand in a comment only.
    source.items.some((item) => names.some((name) => source.spells(item, name)))
  );
}
