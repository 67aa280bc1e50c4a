import type { SourceFile } from '../syntax/sourceFile';
import type { Item } from '../syntax/items';
import { FunctionModel } from './functionModel';
import { readMacro, type Macro } from './macros';
import { readEnumerators } from './enumerators';
import { readOpsTables, type OpsTable } from './opsTables';

/** What one file defines. Everything is read when it is first asked for. */
export class FileModel {
  private functionsByName: Map<string, FunctionModel[]> | undefined;
  private macroItems: Map<string, Macro> | undefined;
  private enumeratorValues: Map<string, number | undefined> | undefined;
  private tables: OpsTable[] | undefined;

  constructor(readonly source: SourceFile) {}

  /** The functions of the file by name; an `#if` can give a name several. */
  get functions(): ReadonlyMap<string, readonly FunctionModel[]> {
    if (!this.functionsByName) {
      this.functionsByName = new Map();
      for (const item of this.source.items) {
        if (item.kind !== 'function') continue;
        const name = this.source.functionName(item);
        const known = this.functionsByName.get(name);
        const model = new FunctionModel(this, item, name);
        if (known) known.push(model);
        else this.functionsByName.set(name, [model]);
      }
    }
    return this.functionsByName;
  }

  /** The macros of the file by name; the first definition counts. */
  get macros(): ReadonlyMap<string, Macro> {
    if (!this.macroItems) {
      this.macroItems = new Map();
      for (const item of this.source.items) {
        const macro = item.kind === 'directive' ? readMacro(this.source, item) : undefined;
        if (macro && !this.macroItems.has(macro.name)) this.macroItems.set(macro.name, macro);
      }
    }
    return this.macroItems;
  }

  /** The enumerators of the file with their values, as far as they are plain numbers. */
  get enumerators(): ReadonlyMap<string, number | undefined> {
    this.enumeratorValues ??= readEnumerators(this.source);
    return this.enumeratorValues;
  }

  /** The tables of device operations that the file defines. */
  get opsTables(): readonly OpsTable[] {
    this.tables ??= readOpsTables(this);
    return this.tables;
  }

  /** The function an item is, if it is one. */
  functionOf(item: Item): FunctionModel | undefined {
    return [...this.functions.values()].flat().find((each) => each.item === item);
  }
}
