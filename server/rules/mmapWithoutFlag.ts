import { subexpressions } from '../model/c/expressions';
import type { FunctionModel } from '../model/c/fileModel';
import type { FlowNode } from '../model/c/flow';
import { callsOf, mentions, nameOfExpression, partsAt, reachable } from '../model/paths';
import type { Project } from '../model/project';
import { at } from './report';
import type { Rule } from './rule';

const flag = 'VFIO_REGION_INFO_FLAG_MMAP';
const request = 'VFIO_DEVICE_GET_REGION_INFO';

/** A region is mapped when its flags say that it can be. See mmap-without-flag.md. */
export const mmapWithoutFlag: Rule = {
  id: 'mmap-without-flag',
  severity: 'error',
  title: 'A region is mapped only if VFIO_REGION_INFO_FLAG_MMAP is set.',
  needs: 'function',
  *check({ project }, path) {
    if (!project.isUserSpace(path)) return;
    for (const target of project.units(path, 'mmap')) {
      const { flow } = target;
      const infos = new Set(
        (flow?.nodes ?? []).flatMap((node) =>
          node.kind === 'declare' && /\bvfio_region_info\b/.test(node.type) ? [node.name] : [],
        ),
      );
      for (const { id, call } of callsOf(flow, /^mmap(64)?$/)) {
        const offset = call.args[5];
        // Only where the region was asked about in the same function does this function know its flags.
        const own =
          offset &&
          [...subexpressions(offset)].some(
            (part) =>
              part.kind === 'member' &&
              part.field === 'offset' &&
              infos.has(nameOfExpression(part.object) ?? ''),
          );
        if (!flow || !own) continue;
        const asked = flow.nodes.some((node) =>
          partsAt(node).some((part) => part.kind === 'name' && part.name === request),
        );
        const tests = reachable(
          flow,
          [flow.entry],
          (node, each) =>
            each !== id &&
            (partsAt(node).some((part) => mentions(part, flag)) ||
              isCheckedByCallee(project, target, node, infos)),
        );
        if (asked && tests.has(id))
          yield at(
            this,
            target,
            call,
            `${flag} is not tested before this mmap(). Not every region can be mapped, and no region of an ISM function can. Test the flag first.`,
          );
      }
    }
  },
};

/** Whether a condition leaves it to a function that looks at the flags, or to one whose text is not known. */
function isCheckedByCallee(
  project: Project,
  target: FunctionModel,
  node: FlowNode,
  infos: ReadonlySet<string>,
): boolean {
  if (node.kind !== 'branch') return false;
  return partsAt(node).some((part) => {
    const name = part.kind === 'call' ? nameOfExpression(part.callee) : undefined;
    if (part.kind !== 'call' || !name || /^(ioctl|mmap(64)?|mem\w+)$/.test(name)) return false;
    if (!part.args.some((arg) => [...infos].some((info) => mentions(arg, info)))) return false;
    const callee = project.resolve(name, target);
    return callee ? callee.text.includes(flag) : !part.args.some((arg) => mentions(arg, request));
  });
}
