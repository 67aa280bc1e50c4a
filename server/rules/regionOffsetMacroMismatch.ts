import { coreOffsetShift, regionAccessDelegates, regionInfoDelegates } from '../model/kernel/kernelNames';
import type { OpsTable } from '../model/opsTables';
import { answersFor, regionInfoHandlers, type RegionInfoHandler } from '../model/regionInfo';
import { decodesIn, encodesIn, reachableFrom, type ShiftUse } from '../model/regionOffsets';
import { unknownIndexFix } from './regionFix';
import { fixable } from './report';
import type { Analysis, Finding, Rule } from './rule';
import { deviceSpecific, locationOf, nameOf } from './unknownIndex';

const id = 'region-offset-macro-mismatch';

/** How a driver takes the index out of offsets: in its own functions, or by leaving it to a slot of the core. */
interface Decoding {
  readonly uses: readonly ShiftUse[];
  readonly slots: OpsTable['slots'];
}

function decoding({ project }: Analysis, table: OpsTable): Decoding {
  const slots = table.slots.filter(({ slot }) => /^(read|write|mmap)$/.test(slot));
  const uses = slots
    .flatMap((slot) => project.definitions(slot.value, table.file))
    .flatMap((each) => reachableFrom(project, each))
    .flatMap((each) => decodesIn(project, each));
  return {
    uses,
    slots: slots.filter(({ value }) => regionAccessDelegates.has(value) || value === 'vfio_pci_core_mmap'),
  };
}

/** The one shift of some uses; undefined when there are several, or one is not known. */
function oneShift(uses: readonly ShiftUse[]): number | undefined {
  const shifts = new Set(uses.map((use) => use.shift));
  return shifts.size === 1 ? [...shifts][0] : undefined;
}

/** Encodings and decodings that do not fit each other. */
function* mismatches(analysis: Analysis, table: OpsTable, handler: RegionInfoHandler): Generator<Finding> {
  const encodes = reachableFrom(analysis.project, handler.function).flatMap((each) =>
    encodesIn(analysis.project, each),
  );
  const { uses: decodes, slots } = decoding(analysis, table);
  const shift = oneShift(encodes);
  const [encode] = encodes;
  const known = [...encodes, ...decodes].every((use) => use.shift !== undefined);
  if (!known || !encode) return;
  const common = { rule: id, severity: 'error' as const };
  const where = {
    ...locationOf(encode.place),
    message: `${encode.name} encodes with a shift of ${encode.shift}.`,
  };
  if (shift === undefined) {
    const usual = oneShift(decodes);
    for (const use of encodes)
      if (usual !== undefined && use.shift !== usual)
        yield {
          ...locationOf(use.place),
          ...common,
          function: use.place.function.name,
          message: `This encodes a region offset with a shift of ${use.shift}, but the driver decodes it with ${usual}: an access to this region reaches another one. Use the same shift.`,
          related: decodes[0]
            ? [
                {
                  ...locationOf(decodes[0].place),
                  message: `${decodes[0].name} decodes with a shift of ${usual}.`,
                },
              ]
            : [],
        };
    return;
  }
  for (const use of decodes)
    if (use.shift !== shift)
      yield {
        ...locationOf(use.place),
        ...common,
        function: use.place.function.name,
        message: `This decodes the region index with a shift of ${use.shift}, but VFIO_DEVICE_GET_REGION_INFO encodes it with ${shift}: an access reaches the wrong region. Use the same shift.`,
        related: [where],
      };
  for (const slot of shift === coreOffsetShift ? [] : slots)
    yield {
      path: table.file.source.path,
      start: slot.start,
      end: slot.end,
      ...common,
      function: '',
      message: `${slot.value}() decodes the region index with a shift of ${coreOffsetShift}, but VFIO_DEVICE_GET_REGION_INFO of this driver encodes it with ${shift}: an access reaches the wrong region. Use the same shift.`,
      related: [where],
    };
}

/** A delegation after which the core's offset goes to user space, though the driver decodes with a shift of its own. */
function* delegations(analysis: Analysis, table: OpsTable, handler: RegionInfoHandler): Generator<Finding> {
  const { uses, slots } = decoding(analysis, table);
  const shift = oneShift(uses);
  if (shift === undefined || shift === coreOffsetShift || slots.length > 0) return;
  for (const index of deviceSpecific)
    for (const answer of answersFor(analysis.project, handler, index) ?? []) {
      const { delegatedAt: place } = answer;
      if (answer.kind !== 'delegated' || answer.writesOffset || !place) continue;
      // Only a function of this driver's own kind, not a shared helper, is known well enough.
      if (answer.value.kind === 'number' && answer.value.value < 0) continue;
      if (answer.value.kind === 'unknown' && answer.value.nonzero) continue;
      const finding: Finding = {
        ...locationOf(place),
        rule: id,
        severity: 'error',
        function: place.function.name,
        message:
          `vfio-pci-core encodes info->offset with a shift of ${coreOffsetShift}, but this driver decodes it with ${shift}: ` +
          '9 << 40 decodes to index 0, so an access to region 9 reaches BAR 0. Encode info->offset again after the call.',
        related: [
          ...(uses[0]
            ? [{ ...locationOf(uses[0].place), message: `${uses[0].name} decodes with a shift of ${shift}.` }]
            : []),
          {
            ...nameOf(handler.function),
            message: `${table.name} sets .${handler.slot.slot} to ${handler.function.name}().`,
          },
        ],
      };
      yield fixable(finding, () => unknownIndexFix(analysis.project, table));
    }
}

/** Whether the core itself stands in the slot that answers VFIO_DEVICE_GET_REGION_INFO. */
function leavesInfoToCore(table: OpsTable): boolean {
  const slot =
    table.slots.find((each) => /^get_region_info(_caps)?$/.test(each.slot)) ??
    table.slots.find((each) => each.slot === 'ioctl');
  return slot !== undefined && regionInfoDelegates.has(slot.value);
}

/** Decodings that do not fit the core's encoding, where every offset that user space has comes from the core. */
function* againstCore(analysis: Analysis, table: OpsTable): Generator<Finding> {
  const { uses } = decoding(analysis, table);
  // Some drivers cut an offset of their own out of what they have decoded: the index is what all of them agree on.
  const shift = oneShift(uses);
  if (shift === undefined || shift === coreOffsetShift) return;
  for (const use of uses)
    yield {
      ...locationOf(use.place),
      rule: id,
      severity: 'error',
      function: use.place.function.name,
      message: `This decodes the region index with a shift of ${shift}, but vfio-pci-core, which describes the regions of ${table.name}, encodes it with ${coreOffsetShift}: an access reaches the wrong region. Use the same shift.`,
      related: [],
    };
}

/** Region offsets are encoded and decoded in the same way. See region-offset-macro-mismatch.md. */
export const regionOffsetMacroMismatch: Rule = {
  id,
  severity: 'error',
  title: 'Region offsets are encoded and decoded with the same shift.',
  needs: 'file',
  fixes: 'unsafe',
  *check(analysis, path) {
    for (const table of analysis.project.opsTables(path)) {
      const handlers = regionInfoHandlers(analysis.project, table);
      const [handler] = handlers;
      if (leavesInfoToCore(table)) yield* againstCore(analysis, table);
      if (!handler || handlers.length > 1 || !analysis.family.isPciCore(table)) continue;
      yield* mismatches(analysis, table, handler);
      yield* delegations(analysis, table, handler);
    }
  },
};
