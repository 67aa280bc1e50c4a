import type { FlowNode } from '../model/flow';
import { bare, callsOf, nameOfExpression, partsAt, reachable } from '../model/paths';
import { at } from './report';
import type { Rule } from './rule';

const structs = /\bstruct\s+vfio_(region_info|device_info|irq_info|group_status)$/;

/** Whether a node gives a request its size: an initialiser, an assignment, or a copy of the whole. */
function sets(node: FlowNode, name: string): boolean {
  if (node.kind === 'declare')
    return (
      node.name === name &&
      node.initial !== undefined &&
      (node.initial.kind !== 'list' ||
        node.initial.entries.some(({ designator }) => designator === '.argsz') ||
        (node.initial.entries[0]?.designator === '' && bare(node.initial.entries[0].value).kind !== 'number'))
    );
  return partsAt(node).some((part) => {
    if (part.kind === 'assign') {
      if (part.target.kind === 'member' && part.target.field === 'argsz')
        return nameOfExpression(part.target.object) === name;
      return nameOfExpression(part.target) === name;
    }
    // Whoever gets its address may fill it in, but for memset() and the ioctl itself.
    return (
      part.kind === 'call' &&
      !/^(ioctl|memset|bzero)$/.test(nameOfExpression(part.callee) ?? '') &&
      part.args.some((arg) => {
        const plain = bare(arg);
        return plain.kind === 'unary' && plain.operator === '&' && nameOfExpression(plain.operand) === name;
      })
    );
  });
}

/** A VFIO request says how large it is. See region-info-argsz.md. */
export const regionInfoArgsz: Rule = {
  id: 'region-info-argsz',
  severity: 'error',
  title: 'The argsz of a VFIO request is set before the ioctl.',
  needs: 'function',
  *check({ project }, path) {
    if (!project.isUserSpace(path)) return;
    for (const target of project.units(path, 'ioctl')) {
      const { flow } = target;
      for (const { id, call } of callsOf(flow, /^ioctl$/)) {
        const request = call.args[1]?.kind === 'name' ? call.args[1].name : '';
        const out = call.args[2] && bare(call.args[2]);
        if (!flow || !/^VFIO_(DEVICE_GET_(REGION_|IRQ_)?INFO|GROUP_GET_STATUS)$/.test(request)) continue;
        const name =
          out?.kind === 'unary' && out.operator === '&' ? nameOfExpression(out.operand) : undefined;
        const local = flow.nodes.some(
          (node) => node.kind === 'declare' && node.name === name && structs.test(node.type.trim()),
        );
        if (name === undefined || !local) continue;
        if (reachable(flow, [flow.entry], (node, each) => each !== id && sets(node, name)).has(id))
          yield at(
            this,
            target,
            call,
            `${name}.argsz is not set on every way here: the kernel refuses a request that says it is smaller than its struct. Set it to sizeof(${name}).`,
          );
      }
    }
  },
};
