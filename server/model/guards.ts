import { subexpressions, type Expression } from './c/expressions';
import type { FunctionModel } from './c/fileModel';
import type { FlowNode, NodeId } from './c/flow';
import { expressionsAt, partsAt, reachable, storeAt } from './paths';
import type { Project } from './project';

/** What tells that a node checks something: the words of an expression. */
export type Telling = (expression: Expression, aliases: ReadonlySet<string>) => boolean;

const compares = (part: Expression): boolean =>
  (part.kind === 'binary' && /^([<>]=?|[!=]=)$/.test(part.operator)) ||
  (part.kind === 'call' &&
    part.callee.kind === 'name' &&
    /^(min|max|clamp|check_add|IS_ALIGNED|range_)/.test(part.callee.name));

/** Whether a condition asks for bits, as `(first ^ last) & PAGE_MASK` does without a comparison. */
const asksBits = (node: FlowNode, part: Expression): boolean =>
  node.kind === 'branch' && part.kind === 'binary' && /^[&^]$/.test(part.operator);

/** The variables that get their value from what is telling. */
function aliasesOf(target: FunctionModel, telling: Telling): Set<string> {
  const aliases = new Set<string>();
  for (const node of target.flow?.nodes ?? []) {
    const store = storeAt(node);
    if (store && telling(store.value, aliases)) aliases.add(store.name);
  }
  return aliases;
}

/** Whether a node checks what is telling: by a comparison, by a clamp, or by calling somebody who does. */
function checks(
  project: Project,
  target: FunctionModel,
  node: FlowNode,
  telling: Telling,
  aliases: ReadonlySet<string>,
  depth: number,
): boolean {
  for (const expression of expressionsAt(node))
    for (const part of subexpressions(expression)) {
      if ((compares(part) || asksBits(node, part)) && telling(part, aliases)) return true;
      if (part.kind !== 'call' || part.callee.kind !== 'name') continue;
      if (part.callee.name === 'zpci_get_max_io_size') return true;
      const callee = depth > 0 ? project.resolve(part.callee.name, target) : undefined;
      if (!callee?.flow || callee === target) continue;
      const inner = aliasesOf(callee, telling);
      if (callee.flow.nodes.some((each) => checks(project, callee, each, telling, inner, depth - 1)))
        return true;
    }
  return false;
}

/**
 * Whether a node can be reached without a check of what is telling, in its function or in all who call that.
 * @param project the project
 * @param target the function
 * @param id the node
 * @param telling says whether an expression is about what has to be checked
 * @param depth how many callers up to look
 */
export function isUnguarded(
  project: Project,
  target: FunctionModel,
  id: NodeId,
  telling: Telling,
  depth = 2,
): boolean {
  const { flow } = target;
  if (!flow) return false;
  const aliases = aliasesOf(target, telling);
  const isCheck = (node: FlowNode): boolean => checks(project, target, node, telling, aliases, 1);
  if (!reachable(flow, [flow.entry], (node, at) => at !== id && isCheck(node)).has(id)) return false;
  if (depth === 0) return true;
  const callers = project.callersOf(target);
  if (callers.length === 0) return true;
  return callers.some((caller) =>
    (caller.flow?.nodes ?? []).some(
      (node, at) =>
        partsAt(node).some(
          (part) => part.kind === 'call' && part.callee.kind === 'name' && part.callee.name === target.name,
        ) && isUnguarded(project, caller, at, telling, depth - 1),
    ),
  );
}
