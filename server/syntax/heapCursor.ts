import path from 'node:path';
import { Parser, type Tree } from 'web-tree-sitter';

/** What the runtime asks of who loads it. */
interface EmscriptenOptions {
  readonly locateFile: (name: string) => string;
}

/** The functions of C about a cursor; each takes the address of a tree. */
const functions = [
  '_ts_tree_root_node_wasm',
  '_ts_tree_cursor_new_wasm',
  '_ts_tree_cursor_delete_wasm',
  '_ts_tree_cursor_goto_first_child_wasm',
  '_ts_tree_cursor_goto_next_sibling_wasm',
  '_ts_tree_cursor_goto_parent_wasm',
  '_ts_tree_cursor_current_node_type_id_wasm',
  '_ts_tree_cursor_current_field_id_wasm',
  '_ts_tree_cursor_start_index_wasm',
  '_ts_tree_cursor_end_index_wasm',
] as const;

/** What Parser.init leaves in the options it was given: the runtime as Emscripten makes it. */
export type Runtime = Readonly<Record<(typeof functions)[number], (tree: number) => number>>;

let loading: Promise<Runtime> | undefined;

/**
 * Loads the runtime of the grammar, once a process.
 * @param wasmDirectory the folder that holds web-tree-sitter.wasm and the grammars
 */
export function loadRuntime(wasmDirectory: string): Promise<Runtime> {
  loading ??= (async () => {
    // Emscripten makes its module of the object that it gets, and the library hands ours on.
    const runtime: EmscriptenOptions & Partial<Runtime> = {
      locateFile: (name) => path.join(wasmDirectory, name),
    };
    await Parser.init(runtime);
    if (!isComplete(runtime)) throw new Error('This version of web-tree-sitter is not known.');
    return runtime;
  })();
  return loading;
}

function isComplete(runtime: Partial<Runtime>): runtime is Runtime {
  return functions.every((name) => typeof runtime[name] === 'function');
}

/**
 * A way through a tree in the WASM heap. The library's TreeCursor copies its state into the heap before each question and out
 * of it after each step, which costs more than the steps; but the runtime leaves the state where it looks for it, so that
 * nothing needs to be copied as long as nothing else is asked between. Whoever opens one must close it before that.
 */
export class HeapCursor {
  private readonly tree: number;

  /**
   * Opens a cursor at the root of a tree.
   * @param runtime the runtime
   * @param tree a tree of it
   */
  constructor(
    private readonly runtime: Runtime,
    tree: Tree,
  ) {
    // The library keeps the address of what it stands for as its element 0.
    this.tree = (tree as unknown as { readonly 0: number })[0];
    runtime._ts_tree_root_node_wasm(this.tree);
    runtime._ts_tree_cursor_new_wasm(this.tree);
  }

  /** Goes to the first child; false when there is none. */
  firstChild(): boolean {
    return this.runtime._ts_tree_cursor_goto_first_child_wasm(this.tree) === 1;
  }

  /** Goes to the next sibling; false when there is none. */
  nextSibling(): boolean {
    return this.runtime._ts_tree_cursor_goto_next_sibling_wasm(this.tree) === 1;
  }

  /** Goes to the parent. */
  parent(): void {
    this.runtime._ts_tree_cursor_goto_parent_wasm(this.tree);
  }

  /** The grammar's number of the type of the node. */
  typeId(): number {
    return this.runtime._ts_tree_cursor_current_node_type_id_wasm(this.tree);
  }

  /** The grammar's number of the field that the node fills; 0 for none. */
  fieldId(): number {
    return this.runtime._ts_tree_cursor_current_field_id_wasm(this.tree);
  }

  /** Where the node starts, in code units. */
  start(): number {
    return this.runtime._ts_tree_cursor_start_index_wasm(this.tree);
  }

  /** Where the node ends, in code units. */
  end(): number {
    return this.runtime._ts_tree_cursor_end_index_wasm(this.tree);
  }

  /** Gives its memory back. */
  close(): void {
    this.runtime._ts_tree_cursor_delete_wasm(this.tree);
  }
}
