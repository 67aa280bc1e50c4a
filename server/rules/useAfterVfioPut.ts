import type { FlowNode } from '../model/c/flow';
import {
  bare,
  callsOf,
  nameOfExpression,
  partsAt,
  pathOf,
  reachable,
  storeAt,
  successors,
  writes,
} from '../model/paths';
import { at } from './report';
import type { Rule } from './rule';

/** Nothing of a device is touched after vfio_put_device(). See use-after-vfio-put.md. */
export const useAfterVfioPut: Rule = {
  id: 'use-after-vfio-put',
  severity: 'error',
  title: 'A device is not used after vfio_put_device().',
  needs: 'function',
  *check({ project }, path) {
    for (const target of project.units(path, 'vfio_put_device')) {
      const { flow } = target;
      for (const { node, call } of callsOf(flow, /^vfio_put_device$/)) {
        const root = call.args[0] && pathOf(call.args[0])?.split('.')[0];
        const next = successors(node)[0];
        if (
          !flow ||
          root === undefined ||
          next === undefined ||
          !target.parameters.concat(localsOf(target)).some(({ name }) => name === root)
        )
          continue;
        // The container of the device goes with it.
        const gone = new Set([root]);
        for (const each of flow.nodes) {
          const store = storeAt(each);
          const value = store && bare(store.value);
          if (
            store &&
            value?.kind === 'call' &&
            /^container_of/.test(nameOfExpression(value.callee) ?? '') &&
            value.args[0] &&
            nameOfExpression(value.args[0]) === root
          )
            gone.add(store.name);
          // A variable that is declared as another name of it and never stored to again.
          if (
            each.kind === 'declare' &&
            each.initial &&
            nameOfExpression(each.initial) === root &&
            flow.nodes.filter((other) => writes(other, each.name)).length === 1
          )
            gone.add(each.name);
        }
        for (const name of gone)
          for (const id of reachable(flow, [next], (each) => writes(each, name) || movesOn(each, name)))
            for (const part of flow.nodes[id] ? partsAt(flow.nodes[id]) : [])
              if (
                part.kind === 'member' &&
                part.arrow &&
                nameOfExpression(part.object) === name &&
                !waits(flow.nodes[id])
              )
                yield at(
                  this,
                  target,
                  part,
                  `vfio_put_device() may have freed the device, and ${name} points to it. Do this before the call, or in .release.`,
                );
      }
    }
  },
};

/** Whether a node gives a variable its next value: it is what an iterator goes through a list with, or is handed over by address. */
function movesOn(node: FlowNode, name: string): boolean {
  return partsAt(node).some(
    (part) =>
      part.kind === 'call' &&
      part.args.some((arg) => {
        if (/for_each/.test(nameOfExpression(part.callee) ?? '')) return nameOfExpression(arg) === name;
        return arg.kind === 'unary' && arg.operator === '&' && nameOfExpression(arg.operand) === name;
      }),
  );
}

/** Who waits until the device was released keeps what contains it, as vfio_ccw of Linux 6.1 does. */
function waits(node: FlowNode | undefined): boolean {
  return (node ? partsAt(node) : []).some(
    (part) => part.kind === 'call' && /^wait_for_completion/.test(nameOfExpression(part.callee) ?? ''),
  );
}

function localsOf(target: {
  flow: { nodes: readonly { kind: string }[] } | undefined;
}): { name: string; type: string }[] {
  const nodes = target.flow?.nodes ?? [];
  return nodes.filter(
    (node): node is { kind: 'declare'; name: string; type: string } => node.kind === 'declare',
  );
}
