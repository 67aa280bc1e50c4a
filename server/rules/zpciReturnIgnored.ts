import type { Expression } from '../model/c/expressions';
import type { FlowNode } from '../model/c/flow';
import {
  bare,
  callsOf,
  mentions,
  nameOfExpression,
  partsAt,
  pathOf,
  reachable,
  storeAt,
  successors,
} from '../model/paths';
import { at } from './report';
import type { Rule } from './rule';

const accesses = /^__zpci_(load|store|store_block)$/;

/** The variable that a load writes to. */
function loaded(call: Extract<Expression, { kind: 'call' }>): string | undefined {
  const [first] = call.args;
  return first && pathOf(first)?.split('.')[0];
}

const uses = (node: FlowNode, name: string): boolean =>
  partsAt(node).some((part) => part.kind === 'name' && part.name === name);

/** The result of a zPCI access is looked at before anybody relies on it. See zpci-return-ignored.md. */
export const zpciReturnIgnored: Rule = {
  id: 'zpci-return-ignored',
  severity: 'error',
  title: 'The result of a zPCI load or store is tested before it is relied on.',
  needs: 'function',
  *check({ project }, path) {
    for (const target of project.units(path, '__zpci_')) {
      const { flow } = target;
      for (const { call, node, name } of callsOf(flow, accesses)) {
        const isLoad = name === '__zpci_load';
        if (node.kind === 'evaluate' && node.expression === call) {
          const lost = isLoad ? 'nothing was loaded' : 'nothing was stored';
          yield at(
            this,
            target,
            call,
            `The result of ${name}() is ignored: if the instruction fails, ${lost}, and the driver continues as if it had worked. Test the result.`,
          );
          continue;
        }
        const store = storeAt(node);
        const next = successors(node)[0];
        if (!flow || !store || bare(store.value) !== call || next === undefined) continue;
        const tests = (each: FlowNode): boolean =>
          uses(each, store.name) && storeAt(each)?.name !== store.name;
        const untested = [...reachable(flow, [next], tests)].flatMap((id) => flow.nodes[id] ?? []);
        const variable = isLoad ? loaded(call) : undefined;
        const used =
          variable !== undefined &&
          untested.some(
            (each) =>
              uses(each, variable) ||
              (each.kind === 'return' && each.value && mentions(each.value, variable)),
          );
        const forgotten = untested.some(
          (each) =>
            each.kind === 'end' || (each.kind === 'return' && nameOfExpression(each.value) !== store.name),
        );
        if (used || (!isLoad && forgotten))
          yield at(
            this,
            target,
            call,
            `The result of ${name}() is not tested before ${used ? `${variable} is used` : 'the function continues'}: if the instruction fails, ${used ? 'the value is not valid' : 'nothing was stored'}. Test the result first.`,
          );
      }
    }
  },
};
