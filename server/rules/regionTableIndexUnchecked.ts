import { subexpressions, type Expression } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import type { FlowGraph, FlowNode } from '../model/c/flow';
import { mentions, nameOfExpression, partsAt, reachable, storeAt, successors } from '../model/paths';
import type { Project } from '../model/project';
import { decodesIn, reachableFrom } from '../model/regionOffsets';
import { at } from './report';
import type { Finding, Rule } from './rule';

const slots = /^(read|write|mmap)$/;

/** Whether a node bounds a variable: a comparison, a switch over it, array_index_nospec(), min(), or a call that receives it. */
function bounds(node: FlowNode, name: string): boolean {
  const about = (part: Expression): boolean => mentions(part, name);
  if (node.kind === 'switch') return about(node.value);
  return partsAt(node).some((part) => {
    if (part.kind === 'binary') return /^([<>]=?|[!=]=)$/.test(part.operator) && about(part);
    // A function that receives the index may check it.
    return part.kind === 'call' && part.args.some((arg) => nameOfExpression(arg) === name);
  });
}

/** An index that user space chose is bounded before a table is subscripted by it. See region-table-index-unchecked.md. */
export const regionTableIndexUnchecked: Rule = {
  id: 'region-table-index-unchecked',
  severity: 'error',
  title: 'A region index from user space is bounds-checked before it indexes a table.',
  needs: 'function',
  *check({ project }, path) {
    for (const table of project.opsTables(path))
      for (const slot of table.slots.filter((each) => slots.test(each.slot)))
        for (const handler of project.definitions(slot.value, table.file))
          for (const target of decoders(project, handler)) yield* uncheckedIn(project, target);
  },
};

/** A handler, and the functions it leaves the offset to when nobody before them has taken the index out of it. */
function decoders(project: Project, handler: FunctionModel): FunctionModel[] {
  const reached = reachableFrom(project, handler);
  return reached.filter(
    (each) =>
      each === handler ||
      (decodesIn(project, each).length > 0 &&
        project.callersOf(each).every((caller) => decodesIn(project, caller).length === 0)),
  );
}

/** The variables that only ever repeat another one. */
function withAliases(flow: FlowGraph, name: string): string[] {
  const names = [name];
  const stores = flow.nodes.flatMap((node) => storeAt(node) ?? []);
  for (const each of names)
    for (const store of stores)
      if (nameOfExpression(store.value) === each && !names.includes(store.name)) names.push(store.name);
  return names;
}

function* uncheckedIn(project: Project, target: FunctionModel): Generator<Finding> {
  const { flow } = target;
  const decodes = decodesIn(project, target);
  if (!flow || decodes.length === 0) return;
  for (const [id, node] of flow.nodes.entries()) {
    const store = storeAt(node);
    const decoded =
      store &&
      decodes.some(({ place }) =>
        [...subexpressions(store.value)].some((part) => part.start === place.start && part.end === place.end),
      );
    if (!decoded) continue;
    const names = withAliases(flow, store.name);
    const unchecked = reachable(flow, [...successors(node)], (each) =>
      names.some((name) => bounds(each, name) && !subscripts(each, name)),
    );
    for (const each of unchecked) {
      const reached = each === id ? undefined : flow.nodes[each];
      const used = reached && names.map((name) => subscripts(reached, name)).find(Boolean);
      if (used)
        yield at(
          regionTableIndexUnchecked,
          target,
          used,
          `User space controls ${store.name} through the offset, and no check compares it with the size of the table. Check it first.`,
        );
    }
  }
}

/** The place where a node subscripts something by a variable, without comparing it in the same breath. */
function subscripts(node: FlowNode, name: string): Expression | undefined {
  const compares = partsAt(node).some(
    (part) =>
      part.kind === 'binary' &&
      /^[<>]=?$/.test(part.operator) &&
      [part.left, part.right].some((side) => nameOfExpression(side) === name),
  );
  if (compares) return undefined;
  return partsAt(node).find((part) => part.kind === 'subscript' && nameOfExpression(part.index) === name);
}
