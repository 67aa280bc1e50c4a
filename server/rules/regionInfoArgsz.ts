import { subexpressions } from '../model/c/expressions';
import type { FlowGraph, FlowNode } from '../model/c/flow';
import { bare, callsOf, nameOfExpression, partsAt, reachable, storeAt } from '../model/paths';
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
    // A call that takes its address may fill it in, except memset() and the ioctl itself.
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

const allocates = /^(g_)?(malloc0?|calloc|new0?|alloca|rte_zmalloc|rte_malloc)$/;

/** Whether a local pointer gets memory for a request here and nothing else, so that its size is set here as well. */
function isAllocated(flow: FlowGraph, name: string): boolean {
  const isPointer = flow.nodes.some(
    (node) =>
      node.kind === 'declare' && node.name === name && structs.test(node.type.replace(/\*$/, '').trim()),
  );
  const stores = flow.nodes.flatMap((node) => {
    const store = storeAt(node);
    return store?.name === name ? [bare(store.value)] : [];
  });
  return (
    isPointer &&
    stores.length === 1 &&
    stores.every((value) => value.kind === 'call' && allocates.test(nameOfExpression(value.callee) ?? ''))
  );
}

/** Whether a node may set the size behind a pointer: a member or the whole, a call that gets it, another name for it. */
function setsBehind(node: FlowNode, name: string): boolean {
  const store = storeAt(node);
  if (store && nameOfExpression(store.value) === name) return true;
  return partsAt(node).some((part) => {
    if (part.kind === 'call')
      return (
        !/^(ioctl|memset|bzero|free|g_free)$/.test(nameOfExpression(part.callee) ?? '') &&
        part.args.some((arg) => subexpressions(arg).some((each) => nameOfExpression(each) === name))
      );
    if (part.kind !== 'assign') return false;
    const place = bare(part.target);
    if (place.kind === 'member') return place.field === 'argsz' && nameOfExpression(place.object) === name;
    return place.kind === 'unary' && place.operator === '*' && nameOfExpression(place.operand) === name;
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
        const made = out?.kind === 'name' && isAllocated(flow, out.name) ? out.name : undefined;
        const subject = made ?? (local ? name : undefined);
        if (subject === undefined) continue;
        const isSet = (node: FlowNode): boolean => (made ? setsBehind(node, made) : sets(node, subject));
        const field = made ? `${made}->argsz` : `${subject}.argsz`;
        if (reachable(flow, [flow.entry], (node, each) => each !== id && isSet(node)).has(id))
          yield at(
            this,
            target,
            call,
            `${field} is not set on every path to this ioctl. The kernel refuses a request whose argsz is smaller than its struct. Set it to sizeof(${made ? '*' : ''}${subject}).`,
          );
      }
    }
  },
};
