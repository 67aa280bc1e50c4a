import { subexpressions, type Expression } from '../model/expressions';
import type { FlowNode } from '../model/flow';
import { mentions, nameOfExpression, partsAt, reachable, storeAt, successors } from '../model/paths';
import { decodesIn } from '../model/regionOffsets';
import { at } from './report';
import type { Rule } from './rule';

const slots = /^(read|write|mmap)$/;

/** Whether a node bounds a variable: a comparison, a switch over it, array_index_nospec(), min(), or somebody who is asked about it. */
function bounds(node: FlowNode, name: string): boolean {
  const about = (part: Expression): boolean => mentions(part, name);
  if (node.kind === 'switch') return about(node.value);
  return partsAt(node).some((part) => {
    if (part.kind === 'binary') return /^([<>]=?|[!=]=)$/.test(part.operator) && about(part);
    // Whoever gets the index may check it.
    return part.kind === 'call' && part.args.some((arg) => nameOfExpression(arg) === name);
  });
}

/** An index that user space chose is bounded before a table is subscripted by it. See region-table-index-unchecked.md. */
export const regionTableIndexUnchecked: Rule = {
  id: 'region-table-index-unchecked',
  severity: 'error',
  title: 'A region index from user space is bounded before it subscripts a table.',
  needs: 'function',
  *check({ project }, path) {
    for (const table of project.opsTables(path))
      for (const slot of table.slots.filter((each) => slots.test(each.slot)))
        for (const target of project.definitions(slot.value, table.file)) {
          const { flow } = target;
          const decodes = decodesIn(project, target);
          for (const [id, node] of flow?.nodes.entries() ?? []) {
            const store = storeAt(node);
            if (
              !flow ||
              !store ||
              !decodes.some(({ place }) =>
                [...subexpressions(store.value)].some(
                  (part) => part.start === place.start && part.end === place.end,
                ),
              )
            )
              continue;
            const unchecked = reachable(
              flow,
              [...successors(node)],
              (each) => bounds(each, store.name) && !subscripts(each, store.name),
            );
            for (const each of unchecked) {
              const used =
                each === id ? undefined : flow.nodes[each] && subscripts(flow.nodes[each], store.name);
              if (used)
                yield at(
                  this,
                  target,
                  used,
                  `User space chose ${store.name} with the offset, and nothing has checked that the table has such an entry.`,
                );
            }
          }
        }
  },
};

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
