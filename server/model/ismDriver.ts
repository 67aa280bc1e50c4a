import type { OpsTable } from './opsTables';

/**
 * Whether a table belongs to a driver of ISM functions, which take nothing but function-handle instructions: it says so
 * by the id of its device, or by the instructions it uses.
 */
export function isIsmDriver(table: OpsTable): boolean {
  const { source } = table.file;
  return (
    source.items.some(
      (item) =>
        source.spells(item, 'PCI_DEVICE_ID_IBM_ISM') ||
        source.spells(item, '__zpci_load') ||
        source.spells(item, '__zpci_store_block'),
    ) || /\b__zpci_(load|store_block)\s*\(/.test(source.text)
  );
}
