import type { Expression } from './c/expressions';
import type { FunctionModel } from './c/fileModel';
import type { FlowGraph, NodeId } from './c/flow';
import { bare, nameOfExpression, partsAt } from './paths';
import type { Aspect } from './rangeChecks';
import { growsWithCount, movesWithOffset, type UserRange } from './userRange';

/** An access to memory of the kernel or of a device at a place that user space chose. */
export interface RangeAccess {
  readonly id: NodeId;
  readonly expression: Expression;
  /** What has to be checked before. */
  readonly needs: readonly Aspect[];
}

/** Where the kernel's address and the length stand among the arguments of what accesses memory. */
const accesses: Readonly<Record<string, { readonly address: number; readonly length?: number }>> = {
  copy_to_user: { address: 1, length: 2 },
  __copy_to_user: { address: 1, length: 2 },
  copy_from_user: { address: 0, length: 2 },
  __copy_from_user: { address: 0, length: 2 },
  memcpy_fromio: { address: 1, length: 2 },
  memcpy_toio: { address: 0, length: 2 },
  vfio_pci_core_do_io_rw: { address: 4, length: 5 },
  __zpci_load: { address: 2 },
  __zpci_store_block: { address: 2 },
};

/** Where the address of a single load or store of a register stands. */
function registerAddress(name: string): number | undefined {
  if (/^(ioread(8|16|32|64)(be)?|read[bwlq](_relaxed)?|in[bwl])$/.test(name)) return 0;
  return /^(iowrite(8|16|32|64)(be)?|write[bwlq](_relaxed)?|out[bwl])$/.test(name) ? 1 : undefined;
}

/** Whether a function moves an offset along, so that the length says how far it gets. */
function advances(flow: FlowGraph, { offsets }: UserRange): boolean {
  return flow.nodes.some((node) =>
    partsAt(node).some(
      (part) =>
        (part.kind === 'assign' &&
          part.operator === '+=' &&
          offsets.has(nameOfExpression(part.target) ?? '')) ||
        (part.kind === 'update' && offsets.has(nameOfExpression(part.operand) ?? '')),
    ),
  );
}

/** The accesses of a function whose place or length user space chose. */
export function* rangeAccesses(target: FunctionModel, range: UserRange): Generator<RangeAccess> {
  const { flow } = target;
  if (!flow) return;
  const isLoop = range.counts.size > 0 && advances(flow, range);
  for (const [id, node] of flow.nodes.entries())
    for (const part of partsAt(node)) {
      if (part.kind !== 'call') continue;
      const name = nameOfExpression(part.callee) ?? '';
      const known = accesses[name];
      const at = known?.address ?? registerAddress(name);
      const address = at === undefined ? undefined : part.args[at];
      if (!address) continue;
      const moved = movesWithOffset(address, range);
      const length = known?.length === undefined ? undefined : part.args[known.length];
      const grows = length !== undefined && growsWithCount(length, range);
      const needs: Aspect[] = [
        ...(moved ? ['offset' as const] : []),
        ...((grows && (moved || isFixed(address))) || (moved && !known && isLoop) ? ['count' as const] : []),
      ];
      if (needs.length > 0) yield { id, expression: part, needs };
    }
}

/** Whether an address is that of a variable or a member, whose size does not depend on the length. */
function isFixed(address: Expression): boolean {
  const plain = bare(address);
  return plain.kind === 'unary' && plain.operator === '&' && bare(plain.operand).kind !== 'subscript';
}
