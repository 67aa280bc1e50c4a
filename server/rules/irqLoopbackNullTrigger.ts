import type { Expression } from '../model/c/expressions';
import { bare, callsOf, pathOf, partsAt, reachable, type CallSite } from '../model/paths';
import type { FunctionModel } from '../model/c/fileModel';
import type { FlowNode } from '../model/c/flow';
import type { Project } from '../model/project';
import { at } from './report';
import type { Rule } from './rule';

/** Whether a path is another one, or what that one lies in: a context that exists has its trigger. */
function isOwner(path: string | undefined, wanted: string): boolean {
  if (path === undefined) return false;
  // A table that is there says nothing of its entries.
  const entry = wanted.lastIndexOf('.[]');
  return path === wanted || (wanted.startsWith(`${path}.`) && path.length > entry);
}

/** The path of a trigger, which can lie in a table: `vdev->irqs[i].trigger`. */
function triggerPath(expression: Expression): string | undefined {
  const plain = bare(expression);
  if (plain.kind !== 'member' && plain.kind !== 'subscript') return pathOf(plain);
  const owner = triggerPath(plain.object);
  return owner === undefined ? undefined : `${owner}.${plain.kind === 'member' ? plain.field : '[]'}`;
}

/** Whether a node tests a path for being there; what lies around another member is not tested by asking for that one. */
function tests(node: FlowNode, wanted: string): boolean {
  if (node.kind !== 'branch' && node.kind !== 'declare' && node.kind !== 'evaluate') return false;
  const parts = partsAt(node);
  if (node.kind !== 'branch' && !parts.some((part) => part.kind === 'conditional')) return false;
  const around = new Set<Expression>(
    parts.flatMap((part) => (part.kind === 'member' || part.kind === 'subscript' ? [bare(part.object)] : [])),
  );
  return parts.some(
    (part) =>
      /^(member|name|subscript)$/.test(part.kind) && !around.has(part) && isOwner(triggerPath(part), wanted),
  );
}

function untested(target: FunctionModel, site: CallSite, wanted: string): boolean {
  const { flow } = target;
  return (
    flow !== undefined &&
    reachable(flow, [flow.entry], (node, id) => id !== site.id && tests(node, wanted)).has(site.id)
  );
}

/** Whether all who call a function test the trigger, so that it need not. */
function callersTest(project: Project, target: FunctionModel): boolean {
  const callers = project.callersOf(target);
  return (
    callers.length > 0 &&
    callers.every((caller) =>
      /\btrigger\b/.test(
        (caller.flow?.nodes ?? [])
          .map((node) =>
            node.kind === 'branch' ? caller.text.slice(node.header.start, node.header.end) : '',
          )
          .join(' '),
      ),
    )
  );
}

/** A signal that user space asks for needs a trigger to go to. See irq-loopback-null-trigger.md. */
export const irqLoopbackNullTrigger: Rule = {
  id: 'irq-loopback-null-trigger',
  severity: 'error',
  title: 'DATA_NONE and DATA_BOOL of VFIO_DEVICE_SET_IRQS signal a trigger only if it is not NULL.',
  needs: 'driver',
  *check({ project }, path) {
    for (const target of project.units(path, 'VFIO_IRQ_SET_DATA_'))
      for (const site of callsOf(target.flow, /^eventfd_signal$/)) {
        const trigger = site.call.args[0] && triggerPath(site.call.args[0]);
        if (trigger === undefined || !/trigger/.test(trigger)) continue;
        // The callers are read last: nearly every signal is tested where it is given.
        if (untested(target, site, trigger) && !callersTest(project, target))
          yield at(
            this,
            target,
            site.call,
            `User space can request this signal before it sets ${target.text.slice(site.call.args[0]?.start, site.call.args[0]?.end)}, which is NULL until then. Test it for NULL first.`,
          );
      }
  },
};
