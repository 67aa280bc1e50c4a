import { subexpressions, type Expression } from '../model/c/expressions';
import { callsOf, nameOfExpression, reachable, storeAt } from '../model/paths';
import { at } from './report';
import type { Rule } from './rule';

/** The array behind VFIO_DEVICE_SET_IRQS is copied after its size was checked. See set-irqs-unvalidated.md. */
export const setIrqsUnvalidated: Rule = {
  id: 'set-irqs-unvalidated',
  severity: 'error',
  title: 'VFIO_DEVICE_SET_IRQS validates the request before it copies the array.',
  needs: 'function',
  *check({ project }, path) {
    for (const target of project.units(path, 'vfio_irq_set')) {
      const { flow } = target;
      if (!flow || project.isUserSpace(path)) continue;
      const header = flow.nodes.find(
        (node) => node.kind === 'declare' && /\bstruct\s+vfio_irq_set$/.test(node.type.trim()),
      );
      if (header?.kind !== 'declare') continue;
      const validates = callsOf(flow, /validate/).map(({ id }) => id);
      const sized = new Set(
        flow.nodes.flatMap((node) => {
          const store = storeAt(node);
          return store && dependsOnCount(store.value, header.name) ? [store.name] : [];
        }),
      );
      const copies = [
        ...callsOf(flow, /^v?memdup_(array_)?user$/),
        // What memdup_user() does, written out.
        ...callsOf(flow, /^copy_from_user$/).filter(({ call: { args } }) => {
          const size = args[2];
          return (
            size !== undefined &&
            (dependsOnCount(size, header.name) || sized.has(nameOfExpression(size) ?? ''))
          );
        }),
      ];
      const before = reachable(
        flow,
        [flow.entry],
        (node, id) =>
          validates.includes(id) ||
          (node.kind === 'branch' &&
            comparesCount(target.text.slice(node.header.start, node.header.end), header.name)),
      );
      for (const { id, call } of copies)
        if (before.has(id) && aboutHeader(flow, id, header.name, target.text))
          yield at(
            this,
            target,
            call,
            'User space controls how much is copied here: the count, range and flags of the request are not checked. Call vfio_set_irqs_validate_and_prepare() first.',
          );
    }
  },
};

/** Whether a size grows with the number of interrupts of the request. */
const dependsOnCount = (size: Expression, header: string): boolean =>
  subexpressions(size).some(
    (part) => part.kind === 'member' && part.field === 'count' && nameOfExpression(part.object) === header,
  );

/** Whether a condition compares the number or the range of interrupts of the request. */
const comparesCount = (condition: string, header: string): boolean =>
  condition.includes(`${header}.count`) && /[<>]/.test(condition);

/** Whether the copy is the array of this request: it follows where the header was read. */
function aboutHeader(
  flow: NonNullable<Parameters<typeof callsOf>[0]>,
  id: number,
  header: string,
  text: string,
): boolean {
  return callsOf(flow, /^(__)?copy_from_user$/).some(({ call, node, id: from }) => {
    const [first] = call.args;
    const reads = first !== undefined && text.slice(first.start, first.end).replace(/[&\s]/g, '') === header;
    return reads && node.kind !== 'return' && reachable(flow, [from], () => false).has(id);
  });
}
