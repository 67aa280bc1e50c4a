import type { SyntaxNode } from '../syntax/node';
import type { Item } from '../syntax/lexer/items';
import type { Span } from '../syntax/lexer/tokens';
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
  /** Where its name stands, from the start of the file. */
  readonly nameSpan?: Span;
  /** Whether a macro that is not known fills in more slots. */
  readonly isOpen?: boolean;
}

/** Whether a function may initialise a table of its own. */
function mayHoldLocalTable(text: string, struct: string): boolean {
  let end = -1;
  for (let at = text.indexOf(struct); at >= 0; at = text.indexOf(struct, at + 1)) {
    // What stands behind one word is not looked through again for the next.
    if (at < end) continue;
    const stop = /[;=]/g;
    stop.lastIndex = at;
    const found = stop.exec(text);
    if (!found) return false;
    if (found[0] === '=' && /^\s*\{/.test(text.slice(found.index + 1, found.index + 200))) return true;
    end = found.index;
  }
  return false;
}

/** The tables of operations that a file defines; of another struct when one is named, as of pci_driver. */
export function readOpsTables(file: FileModel, struct = 'vfio_device_ops'): OpsTable[] {
  const { source } = file;
  const tables: OpsTable[] = [];
  for (const item of source.items) {
    if (item.kind === 'directive' || item.kind === 'invocation' || !source.spells(item, struct)) continue;
    // Most functions that name the type use a table and have none of their own.
    if (item.kind === 'function' && !mayHoldLocalTable(source.text.slice(item.start, item.end), struct))
      continue;
    const parsed = source.parseRepaired(item);
    if (!parsed) continue;
    for (const declaration of parsed.root.walk()) {
      if (declaration.type !== 'declaration') continue;
      const type = declaration.child('type');
      const tag = type?.type === 'struct_specifier' ? type.child('name') : undefined;
      if (!tag || text(file, item, tag) !== struct) continue;
      for (const child of declaration.children)
        if (child.field === 'declarator' && child.type === 'init_declarator')
          tables.push(...tablesOf(file, item, child));
    }
  }
  return struct === 'vfio_device_ops' ? [...tables, ...assignedTables(file, tables)] : tables;
}

/** Where code may fill in a slot, for a look before the tokens of a function are spelled. */
const assignment = /(?:\.|->)\s*(?:get_region_info|ioctl|init|release|read|write|open_device)/;

/** Slots that code fills in, as `ops.get_region_info_caps = my_region_info;`, as tables of their own. */
function assignedTables(file: FileModel, initialised: readonly OpsTable[]): OpsTable[] {
  const slots = new Map<string, OpsSlot[]>();
  for (const target of [...file.functions.values()].flat()) {
    if (!assignment.test(target.text)) continue;
    const words = file.source.spellings(target.item);
    words.forEach((slot, at) => {
      if (!/^(get_region_info(_caps)?|ioctl|init|release|read|write|open_device)$/.test(slot)) return;
      if (!/^(\.|->)$/.test(words[at - 1] ?? '') || words[at + 1] !== '=') return;
      const value = words[at + 2] === '&' ? words[at + 3] : words[at + 2];
      const name = words[at - 2] ?? '';
      if (!value || words[words.indexOf(value, at) + 1] !== ';' || !isOps(file, name, words)) return;
      const span = file.source.tokenSpan(target.item, at);
      slots.set(name, [...(slots.get(name) ?? []), { slot, value, ...span }]);
    });
  }
  return [...slots].map(([name, assigned]) => {
    const known = initialised.find((table) => table.name === name);
    const kept = known?.slots.filter((slot) => !assigned.some((each) => each.slot === slot.slot)) ?? [];
    return { name, file, slots: [...assigned, ...kept] };
  });
}

/** Whether a name is a table of operations: a global one, or declared in the function whose words are given. */
function isOps(file: FileModel, name: string, words: readonly string[]): boolean {
  const declares = (list: readonly string[]): boolean =>
    list.some((word, at) => word === 'vfio_device_ops' && (list[at + 1] === name || list[at + 2] === name));
  return (
    declares(words) ||
    file.source.items.some((item) => item.kind === 'declaration' && declares(file.source.spellings(item)))
  );
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
  const start = item.start + named.start;
  const nameSpan = { start, end: start + name.length };
  return lists.flatMap((list) =>
    list
      ? [{ name, file, slots: slotsOf(file, item, list), nameSpan, isOpen: isOpen(file, item, list) }]
      : [],
  );
}

function initializerOf(entry: SyntaxNode): SyntaxNode | undefined {
  const value = entry.type === 'initializer_pair' ? entry.child('value') : entry;
  return value?.type === 'initializer_list' ? value : undefined;
}

/** Whether an entry of a list is a macro whose slots nobody can know. */
function isOpen(file: FileModel, item: Item, list: SyntaxNode): boolean {
  return list.rules.some((entry) => {
    if (entry.type === 'initializer_pair' || entry.type === 'comment') return false;
    return entry.type !== 'identifier' || !file.macros.has(text(file, item, entry));
  });
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
    const name = /^(?:\([^()]*\)|&|\s)*(\w+)$/.exec(text(file, item, value))?.[1] ?? '';
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
