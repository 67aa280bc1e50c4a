import type { SyntaxNode } from '../syntax/node';
import type { Item } from '../syntax/items';
import type { Span } from '../syntax/tokens';
import type { FileModel } from './fileModel';

/** One slot of a table of operations: `.ioctl = my_ioctl`. Spans count from the start of the file. */
export interface OpsSlot extends Span {
  readonly slot: string;
  /** The function's name. */
  readonly value: string;
}

/** A `struct vfio_device_ops` with designated initialisers. */
export interface OpsTable {
  readonly name: string;
  readonly file: FileModel;
  readonly slots: readonly OpsSlot[];
}

/** The tables of operations that a file defines. */
export function readOpsTables(file: FileModel): OpsTable[] {
  const { source } = file;
  if (!source.text.includes('vfio_device_ops')) return [];
  const tables: OpsTable[] = [];
  for (const item of source.items) {
    if (item.kind === 'directive' || item.kind === 'invocation' || !source.spells(item, 'vfio_device_ops'))
      continue;
    const parsed = source.parseRepaired(item);
    if (!parsed) continue;
    for (const declaration of parsed.root.walk()) {
      if (declaration.type !== 'declaration') continue;
      const type = declaration.child('type');
      const tag = type?.type === 'struct_specifier' ? type.child('name') : undefined;
      if (!tag || text(file, item, tag) !== 'vfio_device_ops') continue;
      for (const child of declaration.children)
        if (child.field === 'declarator' && child.type === 'init_declarator')
          tables.push(...tablesOf(file, item, child));
    }
  }
  return tables;
}

function text(file: FileModel, item: Item, node: Span): string {
  return file.source.text.slice(item.start + node.start, item.start + node.end);
}

/** The table of one declarator, or several for an array of tables. */
function tablesOf(file: FileModel, item: Item, declarator: SyntaxNode): OpsTable[] {
  const value = declarator.child('value');
  const named = declarator.child('declarator');
  if (value?.type !== 'initializer_list' || !named) return [];
  const name = /\w+/.exec(text(file, item, named))?.[0] ?? '';
  const lists = named.type === 'array_declarator' ? value.rules.map(initializerOf) : [value];
  return lists.flatMap((list) => (list ? [{ name, file, slots: slotsOf(file, item, list) }] : []));
}

function initializerOf(entry: SyntaxNode): SyntaxNode | undefined {
  const value = entry.type === 'initializer_pair' ? entry.child('value') : entry;
  return value?.type === 'initializer_list' ? value : undefined;
}

function slotsOf(file: FileModel, item: Item, list: SyntaxNode): OpsSlot[] {
  const slots: OpsSlot[] = [];
  for (const entry of list.rules) {
    if (entry.type === 'identifier') {
      slots.push(
        ...macroSlots(file, text(file, item, entry), item.start + entry.start, item.start + entry.end),
      );
      continue;
    }
    const designator = entry.child('designator');
    const value = entry.child('value');
    if (entry.type !== 'initializer_pair' || !designator || !value) continue;
    const name = /^&?\s*(\w+)$/.exec(text(file, item, value))?.[1] ?? '';
    slots.push({
      slot: text(file, item, designator).replace(/[.\s]/g, ''),
      value: name,
      start: item.start + entry.start,
      end: item.start + entry.end,
    });
  }
  return slots;
}

/** The slots that a macro such as `COMMON_OPS` stands for. */
function macroSlots(file: FileModel, name: string, start: number, end: number): OpsSlot[] {
  const macro = file.macros.get(name);
  if (!macro || macro.parameters) return [];
  const pattern = /\.(\w+)\s*=\s*&?(\w+)/g;
  return [...macro.body.matchAll(pattern)].map((match) => ({
    slot: match[1] ?? '',
    value: match[2] ?? '',
    start,
    end,
  }));
}
