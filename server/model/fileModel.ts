import { readEnumerators } from './enumerators';
import { readMacro, type Macro } from './macros';
import { errorType, type SyntaxNode } from '../syntax/node';
import type { Item } from '../syntax/lexer/items';
import { charge } from '../syntax/budget';
import type { SourceFile } from '../syntax/sourceFile';
import type { Span } from '../syntax/lexer/tokens';
import type { FlowGraph } from './flow';
import { buildFlow } from './lowerFlow';

/** A parameter of a function, its type as written. */
export interface Parameter {
  readonly name: string;
  readonly type: string;
}

interface ParsedFunction {
  readonly body: SyntaxNode | undefined;
  readonly parameters: Parameter[];
  readonly holes: readonly Span[];
  readonly readable: boolean;
}

/** A function: what it is called, what it takes, and what it does once somebody asks. */
export class FunctionModel {
  private tree: ParsedFunction | undefined;
  private graph: FlowGraph | undefined | null = null;

  constructor(
    readonly file: FileModel,
    readonly item: Item,
    readonly name: string,
  ) {}

  /** Its original text, which the spans of its flow graph point into. */
  get text(): string {
    return this.file.source.text.slice(this.item.start, this.item.end);
  }

  /** Whether no other file can call it. */
  get isStatic(): boolean {
    return this.file.source.spellsBefore(this.item, 'static', this.item.nameAt);
  }

  /** Where its name stands, counted from the start of the file. */
  get nameSpan(): Span {
    return this.file.source.nameSpan(this.item);
  }

  /** The type of what it returns, with its storage class, as written. */
  get returnType(): string {
    const { source } = this.file;
    return source.text.slice(this.item.start, this.nameSpan.start);
  }

  /** Its parameters in order; empty for `(void)`. */
  get parameters(): readonly Parameter[] {
    return this.parsed().parameters;
  }

  /** What it does, or undefined when its text cannot be read at all. */
  get flow(): FlowGraph | undefined {
    if (this.graph === null) {
      const { body, holes } = this.parsed();
      const { path, wrappers } = this.file.source;
      this.graph = body && charge(path, () => buildFlow(body, this.text, holes, wrappers));
    }
    return this.graph;
  }

  /** Whether the grammar could place all of it. */
  get isReadable(): boolean {
    return this.parsed().readable;
  }

  private parsed(): ParsedFunction {
    if (!this.tree) {
      const parsed = this.file.source.parseRepaired(this.item);
      const definition = parsed?.root.rules.find((node) => node.type === 'function_definition');
      this.tree = {
        body: definition?.child('body'),
        parameters: definition ? this.readParameters(definition) : [],
        holes: parsed?.holes ?? [],
        readable: parsed !== undefined && parsed.errors.length === 0,
      };
    }
    return this.tree;
  }

  private readParameters(definition: SyntaxNode): Parameter[] {
    const { text } = this;
    for (const node of definition.walk()) {
      if (node.type === 'compound_statement') break;
      if (node.type !== 'function_declarator') continue;
      const list = node.child('parameters');
      return (list?.rules ?? [])
        .filter((parameter) => parameter.type === 'parameter_declaration' || parameter.type === 'identifier')
        .map((parameter) => {
          let name: SyntaxNode | undefined = parameter.child('declarator');
          while (name && name.type !== 'identifier' && name.type !== errorType)
            name = name.child('declarator') ?? name.rules[0];
          return {
            name: name ? text.slice(name.start, name.end) : '',
            type: text.slice(parameter.start, name ? name.start : parameter.end),
          };
        })
        .filter((parameter) => parameter.name !== '' || parameter.type.trim() !== 'void');
    }
    return [];
  }
}

/** The whole statement around an expression that is returned or evaluated on its own; other places stay as they are. */
export function statementAround<T extends Span & { readonly function: FunctionModel }>(place: T): T {
  for (const node of place.function.flow?.nodes ?? []) {
    const span = node.kind === 'return' ? node.span : node.kind === 'evaluate' ? node.expression : undefined;
    if (span && span.start <= place.start && span.end >= place.end)
      return { ...place, start: span.start, end: span.end };
  }
  return place;
}

/** What one file defines. Everything is read when it is first asked for. */
export class FileModel {
  private functionsByName: Map<string, FunctionModel[]> | undefined;
  private macroItems: Map<string, Macro> | undefined;
  private enumeratorValues: Map<string, number | undefined> | undefined;

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
}
