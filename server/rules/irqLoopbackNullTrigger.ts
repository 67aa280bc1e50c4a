import { callsOf, pathOf, partsAt, reachable, type CallSite } from '../model/paths';
import type { FunctionModel } from '../model/fileModel';
import type { FlowNode } from '../model/flow';
import type { Project } from '../model/project';
import { at } from './report';
import type { Rule } from './rule';

/** Whether a path is another one, or what that one lies in: a context that exists has its trigger. */
const isOwner = (path: string | undefined, wanted: string): boolean =>
  path !== undefined && (path === wanted || wanted.startsWith(`${path}.`));

/** Whether a node tests a path for being there. */
const tests = (node: FlowNode, wanted: string): boolean =>
  (node.kind === 'branch' || node.kind === 'declare' || node.kind === 'evaluate') &&
  partsAt(node).some(
    (part) =>
      (node.kind === 'branch' || part.kind === 'conditional') &&
      (part.kind === 'member' || part.kind === 'name') &&
      isOwner(pathOf(part), wanted),
  );

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
  title: 'VFIO_DEVICE_SET_IRQS with DATA_NONE or DATA_BOOL signals only a trigger that is there.',
  needs: 'driver',
  *check({ project }, path) {
    for (const target of project.units(path, 'VFIO_IRQ_SET_DATA_'))
      for (const site of callsOf(target.flow, /^eventfd_signal$/)) {
        const trigger = site.call.args[0] && pathOf(site.call.args[0]);
        if (trigger === undefined || !/trigger/.test(trigger) || callersTest(project, target)) continue;
        if (untested(target, site, trigger))
          yield at(
            this,
            target,
            site.call,
            `User space can ask for this signal before it has set ${trigger.replace(/\./g, '->')}, which is NULL then. Test it before.`,
          );
      }
  },
};
