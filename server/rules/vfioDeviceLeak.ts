import type { Expression } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import type { FlowGraph, FlowNode, NodeId } from '../model/c/flow';
import {
  bare,
  callsOf,
  nameOfExpression,
  partsAt,
  reachable,
  storeAt,
  successors,
  writes,
} from '../model/paths';
import type { Project } from '../model/project';
import { conditionOn, errorPointerTest } from '../model/conditions';
import { at } from './report';
import type { Rule } from './rule';

const isPut = /^vfio_put_device$|^vfio_uninit_group_dev$/;

/** Whether a node gives the device back, itself or through a function of the driver. */
function puts(project: Project, target: FunctionModel, node: FlowNode, device: string): boolean {
  return partsAt(node).some((part) => {
    if (part.kind !== 'call' || part.callee.kind !== 'name') return false;
    const { name } = part.callee;
    if (isPut.test(name)) return true;
    const callee = project.resolve(name, target);
    if (callee) return callsOf(callee.flow, isPut).length > 0;
    return (
      /put|free|release|destroy|unregister|remove|devm_add_action/.test(name) &&
      part.args.some((arg) => nameOfExpression(arg) === device)
    );
  });
}

const isError = (value: Expression, failed: string | undefined): boolean => {
  const plain = bare(value);
  if (plain.kind === 'unary' && plain.operator === '-')
    return bare(plain.operand).kind === 'name' || bare(plain.operand).kind === 'number';
  if (plain.kind === 'call')
    return /^(ERR_PTR|PTR_ERR|dev_err_probe|ERR_CAST)$/.test(nameOfExpression(plain.callee) ?? '');
  return failed !== undefined && nameOfExpression(plain) === failed;
};

/** What a condition says of the device where it asks the variable that PTR_ERR_OR_ZERO() of the device was stored in. */
function heldErrorTest(
  graph: FlowGraph,
  condition: Expression,
  device: string,
): 'error' | 'fine' | undefined {
  for (const node of graph.nodes) {
    const store = storeAt(node);
    const value = store && bare(store.value);
    if (
      !store ||
      value?.kind !== 'call' ||
      nameOfExpression(value.callee) !== 'PTR_ERR_OR_ZERO' ||
      nameOfExpression(value.args[0]) !== device
    )
      continue;
    // The next test of the variable is the one of the device; a later one is of what was stored in it since.
    const tests = reachable(graph, successors(node), (each) => writes(each, store.name));
    const test = conditionOn(condition, store.name);
    if (
      test &&
      [...tests].some((id) => graph.nodes[id]?.kind === 'branch' && graph.nodes[id].condition === condition)
    )
      return test === 'nonzero' ? 'error' : 'fine';
  }
  return undefined;
}

/** Whether a place of a function is between an `#if` and its `#endif`. */
function isConditional(target: FunctionModel, place: number): boolean {
  const before = target.text.slice(0, place);
  return (
    (before.match(/^[ \t]*#[ \t]*if/gm)?.length ?? 0) > (before.match(/^[ \t]*#[ \t]*endif/gm)?.length ?? 0)
  );
}

/** Whether one side of a fork gives the device back before anything is decided. */
function oneSidePuts(project: Project, target: FunctionModel, fork: FlowNode, device: string): boolean {
  return successors(fork).some((side) => {
    let node = target.flow?.nodes[side];
    while (node?.kind === 'evaluate' && !puts(project, target, node, device))
      node = target.flow?.nodes[node.next];
    return node !== undefined && puts(project, target, node, device);
  });
}

/**
 * The returns of an error that are reached with the device still held.
 * @param conditional whether only some kernels' drivers make the device there: then a kernel that makes it also puts it back
 *   where that stands between `#if` and `#endif`
 */
function leaks(
  project: Project,
  target: FunctionModel,
  from: NodeId,
  device: string,
  conditional: boolean,
): FlowNode[] {
  const graph = target.flow;
  if (!graph) return [];
  const found = new Set<FlowNode>();
  const seen = new Set<string>();
  const pending: [NodeId, string | undefined][] = [[from, undefined]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [id, failed] = next;
    const node = graph.nodes[id];
    const key = `${id} ${failed ?? ''}`;
    if (!node || seen.has(key)) continue;
    seen.add(key);
    if (puts(project, target, node, device)) continue;
    if (conditional && node.kind === 'fork' && oneSidePuts(project, target, node, device)) continue;
    if (node.kind === 'return') {
      if (node.value && isError(node.value, failed)) found.add(node);
      continue;
    }
    if (node.kind === 'branch') {
      const pointer =
        errorPointerTest(node.condition, device) ?? heldErrorTest(graph, node.condition, device);
      const variable = partsAt(node)
        .map((part) => nameOfExpression(part))
        .find((name) => name !== undefined && conditionOn(node.condition, name) !== undefined);
      const test = variable === undefined ? undefined : conditionOn(node.condition, variable);
      if (pointer !== 'error') pending.push([node.whenTrue, test === 'nonzero' ? variable : failed]);
      if (pointer !== 'fine') pending.push([node.whenFalse, test === 'zero' ? variable : failed]);
      continue;
    }
    const store = storeAt(node);
    const still = failed !== undefined && writes(node, failed) ? undefined : failed;
    // `ret = -ENOMEM; goto out;` is a failure as much as a call that failed.
    const set = store && isError(store.value, undefined) ? store.name : still;
    pending.push(...successors(node).map((each): [NodeId, string | undefined] => [each, set]));
  }
  return [...found];
}

/** A device that vfio_alloc_device() gave is put on every way that fails. See vfio-device-leak.md. */
export const vfioDeviceLeak: Rule = {
  id: 'vfio-device-leak',
  severity: 'warning',
  title: 'vfio_alloc_device() is balanced by vfio_put_device() when probe fails.',
  needs: 'driver',
  *check({ project }, path) {
    for (const target of project.units(path, 'vfio_alloc_device')) {
      for (const { node, call } of callsOf(target.flow, /^_?vfio_alloc_device$/)) {
        const store = storeAt(node);
        const next = successors(node)[0];
        if (!store || bare(store.value) !== call || next === undefined || target.text.includes('__free('))
          continue;
        for (const leak of leaks(project, target, next, store.name, isConditional(target, call.start)))
          if (leak.kind === 'return')
            yield at(
              this,
              target,
              leak.span,
              `This path leaks ${store.name}: vfio_alloc_device() allocated it, and no vfio_put_device() releases it. Call vfio_put_device() first.`,
            );
      }
    }
  },
};
