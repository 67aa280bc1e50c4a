import type { CParser } from '../syntax/parser';
import { charge } from '../syntax/budget';
import { SourceFile } from '../syntax/sourceFile';
import { constantValue } from './constantValue';
import { libraryCall } from './execute/library';
import type { Names } from './execute/walk';
import { FileModel, type FunctionModel } from './c/fileModel';
import { isPciCoreFunction, isVfioFunction, kernelConstant } from './kernel/kernelNames';
import type { Macro } from './c/macros';
import { folderOf, IndexedText } from './indexedText';
import { readOpsTables, type OpsTable } from './opsTables';
import { TextIndex } from './textIndex';
import { units } from './macroFunctions';

const noWrappers: ReadonlyMap<string, string> = new Map();
const noTexts = new TextIndex([]);

/** How many macros may stand for one another before nobody can know what they mean. */
const maxAliases = 20;

/** The functions of a file by a name that other files can call. */
function visible(file: FileModel, name: string): FunctionModel[] {
  const isHeader = file.source.path.endsWith('.h');
  return (file.functions.get(name) ?? []).filter((each) => isHeader || !each.isStatic);
}

/** The tables of a file, which outlive the project as the file's model does. */
const tablesOf = new WeakMap<FileModel, readonly OpsTable[]>();

/** All files that are known, and what the names in them mean. Files are split when they are first needed. */
export class Project implements Names {
  private readonly texts = new Map<string, IndexedText>();
  private indexes: Map<string, TextIndex> | undefined;
  private readonly models = new Map<string, FileModel>();
  private readonly resolved = new Map<string, FunctionModel | undefined>();
  private readonly constants = new Map<string, number | undefined>();
  private readonly macroFunctions = new Map<Macro, FunctionModel | undefined>();
  private definingFiles: Map<string, string[]> | undefined;
  private readonly leftOut = new Set<string>();

  /** Models of an earlier state; only they are kept, because a chain of projects would keep every text alive. */
  private readonly earlier: ReadonlyMap<string, FileModel> | undefined;
  private readonly earlierTexts: ReadonlyMap<string, IndexedText> | undefined;

  /**
   * @param parser the grammar
   * @param previous an earlier state of the same files, whose parsed items are taken over
   */
  constructor(
    private readonly parser: CParser,
    previous?: Project,
  ) {
    this.earlier = previous?.models;
    this.earlierTexts = previous?.texts;
  }

  /**
   * Adds a file, which is not looked at yet.
   * @param path where it is
   * @param text its text
   * @param wrappers the known functions that others in it stand for, by the wrapper's name
   */
  add(path: string, text: string, wrappers: ReadonlyMap<string, string> = noWrappers): void {
    const before = this.earlierTexts?.get(path);
    const indexed =
      before?.text === text && before.wrappers === wrappers ? before : new IndexedText(path, text, wrappers);
    this.texts.set(path, indexed);
    this.indexes = undefined;
  }

  /** The files of the folder that a file is in. */
  private beside(path: string): TextIndex {
    if (!this.indexes) {
      const folders = new Map<string, IndexedText[]>();
      for (const text of this.texts.values()) {
        const known = folders.get(text.folder);
        if (known) known.push(text);
        else folders.set(text.folder, [text]);
      }
      this.indexes = new Map([...folders].map(([folder, texts]) => [folder, new TextIndex(texts)]));
    }
    return this.indexes.get(folderOf(path)) ?? noTexts;
  }

  /** The paths of the files, in the order they were added. */
  get paths(): string[] {
    return [...this.texts.keys()];
  }

  /** The model of a file. */
  file(path: string): FileModel | undefined {
    let model = this.models.get(path);
    const { text, wrappers } = this.texts.get(path) ?? {};
    if (!model && text !== undefined) {
      const before = this.earlier?.get(path);
      model =
        before?.source.text === text && before.source.wrappers === wrappers
          ? before
          : charge(
              path,
              () => new FileModel(new SourceFile(path, text, this.parser, before?.source, wrappers)),
            );
      this.models.set(path, model);
    }
    return model;
  }

  /** Takes a file for an empty one from now on, because it takes too long; what was concluded with it is forgotten. */
  leaveOut(path: string): void {
    if (!this.texts.has(path)) return;
    this.texts.set(path, new IndexedText(path, ''));
    // Made again, the index would cost each file beside this one as much as before, for each file that is left out.
    this.indexes?.get(folderOf(path))?.leaveOut(path);
    this.leftOut.add(path);
    this.forget(path);
  }

  /** Forgets what was read of a file and concluded from any: work on it was cut off in the middle. */
  forget(path: string): void {
    this.models.delete(path);
    this.resolved.clear();
    this.constants.clear();
    this.macroFunctions.clear();
    this.definingFiles = undefined;
  }

  /** Whether a file was left out. */
  isLeftOut(path: string): boolean {
    return this.leftOut.has(path);
  }

  /** The model of a file if somebody needed it; asking does not split it. */
  loaded(path: string): FileModel | undefined {
    return this.models.get(path);
  }

  /** The tables of vfio device operations of a file; a file that cannot have one is not even split. */
  opsTables(path: string): readonly OpsTable[] {
    const file = this.texts.get(path)?.mayHoldTable ? this.file(path) : undefined;
    if (!file) return [];
    const known = tablesOf.get(file) ?? readOpsTables(file);
    tablesOf.set(file, known);
    return known;
  }

  /** The tables of struct pci_driver of a file. */
  pciDrivers(path: string): readonly OpsTable[] {
    const file = this.mentions(path, 'struct pci_driver ') ? this.file(path) : undefined;
    return file ? readOpsTables(file, 'pci_driver') : [];
  }

  /** The functions of a file and the macros that hold code, when the file mentions a word; else none. */
  units(path: string, word: string): readonly FunctionModel[] {
    const file = this.mentions(path, word) ? this.file(path) : undefined;
    return file ? units(file, this.parser).filter((each) => each.file.source.mentions(each.item, word)) : [];
  }

  /** Whether a file is a program of user space: the kernel's own files never include these headers. */
  isUserSpace(path: string): boolean {
    return this.texts.get(path)?.isUserSpace ?? false;
  }

  /** The functions of a folder that call a function, with themselves left out. */
  callersOf(target: FunctionModel): FunctionModel[] {
    return this.near(target.file.source.path, target.name).flatMap((file) =>
      [...file.functions.values()]
        .flat()
        .filter((each) => each !== target && file.source.spells(each.item, target.name)),
    );
  }

  /**
   * Some files, and those that use functions of theirs, directly or through others: a table of operations and the
   * functions it leads to may be spread over a folder.
   */
  withUsers(paths: readonly string[]): string[] {
    const all = new TextIndex([...this.texts.values()]);
    const found = new Set(paths);
    for (const path of found) {
      const names = this.texts.get(path)?.defines ?? [];
      if (names.length === 0) continue;
      for (const name of names) for (const other of all.spelling(name)) found.add(other.path);
    }
    return this.paths.filter((path) => found.has(path));
  }

  /** The definitions of a function a file can mean by a name: its own, else those of its folder, else any other. */
  definitions(name: string, from: FileModel, aliases = 0): readonly FunctionModel[] {
    const own = from.functions.get(name) ?? this.home(from)?.functions.get(name);
    if (own) return own;
    // What the core and the kernel's headers do is known; whether their source is at hand must not matter.
    if (isPciCoreFunction(name) || isVfioFunction(name) || libraryCall(name)) return [];
    const { path } = from.source;
    const near = this.beside(path)
      .spelling(name)
      .flatMap((each) => {
        const file = each.mayDefine(name) ? this.file(each.path) : undefined;
        return !file || file === from ? [] : visible(file, name);
      });
    if (near.length > 0) return near;
    const alias = this.macro(name, from);
    if (alias && !alias.parameters && aliases < maxAliases && /^[A-Za-z_]\w*$/.test(alias.body))
      return this.definitions(alias.body, from, aliases + 1);
    return (this.definedIn().get(name) ?? []).flatMap((each) => {
      const file = folderOf(each) === folderOf(path) ? undefined : this.file(each);
      return file ? visible(file, name) : [];
    });
  }

  /** Which files seem to define a function that others can call, by its name. */
  private definedIn(): ReadonlyMap<string, readonly string[]> {
    if (!this.definingFiles) {
      this.definingFiles = new Map();
      for (const [path, { defines }] of this.texts)
        for (const name of defines) {
          const known = this.definingFiles.get(name);
          if (!known) this.definingFiles.set(name, [path]);
          else if (known.at(-1) !== path) known.push(path);
        }
    }
    return this.definingFiles;
  }

  /** A file and the files of its folder that contain an identifier. */
  near(path: string, word: string): FileModel[] {
    return this.pathsNear(path, word).flatMap((each) => this.file(each) ?? []);
  }

  /** The paths of a file and the files of its folder that contain an identifier. */
  pathsNear(path: string, word: string): string[] {
    return this.beside(path)
      .spelling(word)
      .map((each) => each.path);
  }

  /** Whether a file or one beside it contains a text anywhere. */
  folderMentions(path: string, word: string): boolean {
    return this.beside(path).mentions(word);
  }

  /** Whether the text of a file passes a test, for a look before anything is split. */
  matches(path: string, test: (text: string) => boolean): boolean {
    return test(this.texts.get(path)?.text ?? '');
  }

  /** Whether a file contains a text anywhere. */
  mentions(path: string, word: string): boolean {
    return this.texts.get(path)?.mentions(word) ?? false;
  }

  /** The one function a name means; a stub beside the real function leaves the question open. */
  resolve(name: string, from: FunctionModel): FunctionModel | undefined {
    const key = `${from.file.source.path}\n${name}`;
    if (!this.resolved.has(key)) {
      const found = this.definitions(name, from.file);
      this.resolved.set(
        key,
        found.length === 1 ? found[0] : found.length ? undefined : this.macroAsFunction(name, from),
      );
    }
    return this.resolved.get(key);
  }

  /** The file that a macro stands in which is read as a function, and so has a model of its own. */
  private home(from: FileModel): FileModel | undefined {
    const home = this.file(from.source.path);
    return home === from ? undefined : home;
  }

  /** The macro a name means: of the file itself, else of its folder. */
  macro(name: string, from: FileModel): Macro | undefined {
    const own = from.macros.get(name) ?? this.home(from)?.macros.get(name);
    if (own) return own;
    for (const each of this.beside(from.source.path).spelling(name)) {
      if (each.path === from.source.path || !each.mayDefineMacro(name)) continue;
      const macro = this.file(each.path)?.macros.get(name);
      if (macro) return macro;
    }
    return undefined;
  }

  /** A macro with parameters as a function, when it is an expression or a statement and leaves control alone. */
  private macroAsFunction(name: string, from: FunctionModel): FunctionModel | undefined {
    const macro = this.macro(name, from.file);
    if (!macro?.parameters || /#|\b(return|goto|break|continue|__VA_ARGS__|case)\b|\.\.\./.test(macro.body))
      return undefined;
    if (!this.macroFunctions.has(macro)) {
      const head = `int ${macro.name}(${macro.parameters.map((each) => `int ${each}`).join(', ')})`;
      const statement = /[;{]/.test(macro.body);
      const text = statement ? `${head} { ${macro.body}; }` : `${head} { return (${macro.body}); }`;
      const file = new FileModel(
        new SourceFile(from.file.source.path, text, this.parser, undefined, from.file.source.wrappers),
      );
      const model = file.functions.get(macro.name)?.[0];
      this.macroFunctions.set(macro, model?.flow && model.isReadable ? model : undefined);
    }
    return this.macroFunctions.get(macro);
  }

  hidesLabels(name: string, from: FunctionModel): boolean {
    if (name === 'fallthrough') return false;
    const macro = this.macro(name, from.file);
    if (macro) return /\b(case|default)\b/.test(macro.body);
    return /^[A-Z][A-Z0-9_]*$/.test(name) && libraryCall(name) === undefined;
  }

  constant(name: string, from: FunctionModel, aliases = 0): number | undefined {
    const known = kernelConstant(name);
    if (known !== undefined) return known;
    const key = `${from.file.source.path}\n${name}`;
    if (!this.constants.has(key)) {
      // Set first, so that a macro that names itself does not go round in circles.
      this.constants.set(key, undefined);
      this.constants.set(key, this.constantOf(name, from, aliases));
    }
    return this.constants.get(key);
  }

  private constantOf(name: string, from: FunctionModel, aliases: number): number | undefined {
    const macro = this.macro(name, from.file);
    if (macro) return macro.parameters ? undefined : this.macroValue(macro, from, aliases);
    for (const each of this.beside(from.file.source.path).spelling(name)) {
      const value = each.mentions('enum') ? this.file(each.path)?.enumerators.get(name) : undefined;
      if (value !== undefined) return value;
    }
    return undefined;
  }

  private macroValue(macro: Macro, from: FunctionModel, aliases: number): number | undefined {
    if (macro.body === '' || aliases >= maxAliases) return undefined;
    return constantValue(macro.body, (name) => this.constant(name, from, aliases + 1));
  }
}
