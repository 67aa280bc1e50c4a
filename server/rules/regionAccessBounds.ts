import type { FunctionModel } from '../model/c/fileModel';
import { partsAt, nameOfExpression } from '../model/paths';
import { rangeAccesses } from '../model/rangeAccesses';
import { RangeChecks, type Aspect } from '../model/rangeChecks';
import {
  accessFunctions,
  mentionsRange,
  rangeOfCall,
  rangeOfHandler,
  spread,
  type UserRange,
} from '../model/userRange';
import { at } from './report';
import type { Analysis, Finding, Rule } from './rule';

const id = 'region-access-bounds';

/** How many calls deep the offset and the count are followed. */
const maxDepth = 4;

/** Whether a function is where an access of user space to a device arrives, and nobody before it has checked anything. */
function isEntry({ project }: Analysis, target: FunctionModel): boolean {
  const [device] = target.parameters;
  if (!device || !/\bstruct\s+\w*(vfio|ccw|mdev|vgpu)\w*\s*\*/.test(device.type)) return false;
  return project.callersOf(target).length === 0;
}

const what: Readonly<Record<Aspect, string>> = {
  offset: 'begins',
  count: 'ends',
};

function* follow(
  analysis: Analysis,
  target: FunctionModel,
  start: UserRange,
  unchecked: readonly Aspect[],
  seen: Set<string>,
): Generator<Finding> {
  const { flow } = target;
  const key = `${target.file.source.path} ${target.name} ${unchecked.join()}`;
  if (!flow || !target.isReadable || seen.size > maxDepth || seen.has(key)) return;
  const deeper = new Set([...seen, key]);
  const range = spread(target, start);
  const checks = new RangeChecks(analysis.project, target, flow, range);
  for (const access of rangeAccesses(target, range)) {
    const missing = access.needs.filter(
      (aspect) => unchecked.includes(aspect) && checks.isUnchecked(access.id, aspect),
    );
    if (missing.length > 0)
      yield at(
        regionAccessBounds,
        target,
        access.expression,
        `User space controls where this access ${missing.map((each) => what[each]).join(' and ')}, and no check compares that with the size of the region: it can reach memory behind the region. Refuse an offset at or beyond the size, and clip the length to the rest.`,
      );
  }
  for (const [node, each] of flow.nodes.entries())
    for (const part of partsAt(each)) {
      const name = part.kind === 'call' ? nameOfExpression(part.callee) : undefined;
      if (part.kind !== 'call' || name === undefined || !part.args.some((arg) => mentionsRange(arg, range)))
        continue;
      const callee = analysis.project.resolve(name, target);
      const inner = callee && callee !== target ? rangeOfCall(part.args, callee, range) : undefined;
      const still = inner ? unchecked.filter((aspect) => checks.isUnchecked(node, aspect)) : [];
      if (callee && inner && still.length > 0) yield* follow(analysis, callee, inner, still, deeper);
    }
}

/** What user space reads and writes lies inside the region. See region-access-bounds.md. */
export const regionAccessBounds: Rule = {
  id,
  severity: 'error',
  needs: 'driver',
  title: 'Accesses from user space are checked against the size of the region.',
  *check(analysis, path) {
    if (analysis.project.isUserSpace(path)) return;
    for (const target of accessFunctions(analysis.project, path)) {
      const range = rangeOfHandler(target);
      if (range && isEntry(analysis, target))
        yield* follow(analysis, target, range, ['offset', 'count'], new Set());
    }
  },
};
