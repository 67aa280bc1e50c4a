import type { Expression } from './c/expressions';
import type { FlowGraph, FlowNode } from './c/flow';
import { bare, partsAt, storeAt } from './paths';

/** Whether a result goes nowhere: the call is a statement, or what it is stored in is never read afterwards. */
export function isDropped(flow: FlowGraph, node: FlowNode, call: Expression): boolean {
  if (node.kind === 'evaluate' && node.expression === call) return true;
  const store = storeAt(node);
  if (!store || bare(store.value) !== call) return false;
  // A variable of the file, or one that a macro reads by its name, may be looked at elsewhere.
  const isLocal = flow.nodes.some((each) => each.kind === 'declare' && each.name === store.name);
  return (
    isLocal &&
    flow.nodes.every(
      (each) =>
        each.kind !== 'unreadable' &&
        partsAt(each).filter((part) => part.kind === 'name' && part.name === store.name).length <=
          (storeAt(each)?.name === store.name && each.kind !== 'declare' ? 1 : 0),
    )
  );
}
