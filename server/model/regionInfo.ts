import { State, type Decision } from './execute/state';
import { indexValue, number, Taint, unknown, type Place, type Value } from './execute/values';
import { Walk } from './execute/walk';
import type { FunctionModel } from './c/fileModel';
import { getRegionInfoCommand, regionInfoDelegates } from './kernel/kernelNames';
import type { OpsSlot, OpsTable } from './opsTables';
import type { Project } from './project';

/** A function that answers VFIO_DEVICE_GET_REGION_INFO, and the table that names it. */
export interface RegionInfoHandler {
  readonly function: FunctionModel;
  readonly table: OpsTable;
  readonly slot: OpsSlot;
  /** Whether it gets the kernel's copy of the request, or the ioctl as it came from user space. */
  readonly style: 'info' | 'ioctl';
}

/** How one way through a handler answers a request for one index. */
export interface Answer {
  readonly kind:
    /** vfio-pci-core was asked. */
    | 'delegated'
    /** The region was described. */
    | 'described'
    /** An error code that the driver wrote down was returned. */
    | 'refused'
    /** Success was returned for a region without size. */
    | 'empty'
    /** Success was returned and the request was left as it came. */
    | 'untouched'
    /** Some other call failed, or gave a value that nobody can know. */
    | 'failed'
    /** Nobody can know whether it was answered. */
    | 'unknown';
  readonly decisions: readonly Decision[];
  /** Whether a constant of the driver named this very index. */
  readonly named: boolean;
  /** Whether a table was subscripted by the index. */
  readonly lookedUp: boolean;
  /** Where vfio-pci-core was asked. */
  readonly delegatedAt: Place | undefined;
  /** Whether the offset was written after the core, or by the driver itself. */
  readonly writesOffset: boolean;
  /** The value that was returned. */
  readonly value: Value;
}

/** The slot that newer kernels ask, and its name in between. */
const infoSlots = ['get_region_info_caps', 'get_region_info'];

/** The functions that answer VFIO_DEVICE_GET_REGION_INFO through a table, each as often as it is defined. */
export function regionInfoHandlers(project: Project, table: OpsTable): RegionInfoHandler[] {
  const info = table.slots.find((slot) => infoSlots.includes(slot.slot));
  // Where the newer slot exists the kernel never hands this request to .ioctl.
  const slot = info ?? table.slots.find((each) => each.slot === 'ioctl');
  if (!slot || slot.value === '' || regionInfoDelegates.has(slot.value)) return [];
  return project
    .definitions(slot.value, table.file)
    .map((each) => ({ function: each, table, slot, style: info ? 'info' : 'ioctl' }));
}

const infoPath = '@info';

/** What a handler is called with for one index. */
function argumentsOf(handler: RegionInfoHandler, state: State, index: number): Value[] {
  const user: Value = { kind: 'unknown', taint: Taint.None, user: true };
  if (handler.style === 'ioctl') return [unknown(), number(getRegionInfoCommand), user];
  const { parameters } = handler.function;
  const typed = parameters.findIndex((parameter) => /\bvfio_region_info\b/.test(parameter.type));
  return parameters.map((parameter, at) => {
    if (at !== (typed < 0 ? 1 : typed)) return unknown();
    if (parameter.type.includes('__user')) return user;
    state.write(`${infoPath}.index`, indexValue(index));
    state.info = infoPath;
    return { kind: 'pointer', to: infoPath, taint: Taint.None };
  });
}

function kindOf(value: Value, state: State): Answer['kind'] {
  if (state.delegated) return 'delegated';
  if (state.opaque) return 'unknown';
  const { info } = state;
  const size = info !== undefined && state.has(`${info}.size`) ? state.read(`${info}.size`) : undefined;
  const describes = size !== undefined && !(size.kind === 'number' && size.value === 0);
  if (value.kind === 'number' && value.value < 0) return 'refused';
  const guessed = state.decisions.some((decision) => !decision.certain);
  if (value.kind !== 'number')
    return describes || value.taint !== Taint.None || guessed ? 'unknown' : 'failed';
  if (describes) return 'described';
  if (info === undefined) return 'failed';
  const touched = ['size', 'flags', 'offset', 'cap_offset'].some((field) => state.has(`${info}.${field}`));
  return touched ? 'empty' : 'untouched';
}

/**
 * Every way in which a handler can answer a request for one region index.
 * @returns undefined when unknown
 */
export function answersFor(
  project: Project,
  handler: RegionInfoHandler,
  index: number,
): Answer[] | undefined {
  const state = new State();
  const ways = new Walk(project, index).run(handler.function, argumentsOf(handler, state, index), state);
  return ways?.map(({ value, state: after }) => ({
    kind: kindOf(value, after),
    decisions: after.decisions,
    named: after.named,
    lookedUp: after.lookedUp,
    delegatedAt: after.delegatedAt,
    writesOffset: after.info !== undefined && after.has(`${after.info}.offset`),
    value,
  }));
}

/** The last of some decisions that fits. */
function last(decisions: readonly Decision[], fits: (decision: Decision) => boolean): Decision | undefined {
  return [...decisions].reverse().find(fits);
}

/** The place of a decision that left an answer to be written at `origin`. */
function placeOfDecision(decision: Decision, origin: Place | undefined): Place {
  const follows =
    origin && origin.function === decision.place.function && origin.start >= decision.place.end
      ? origin
      : undefined;
  if (decision.kind === 'false') return follows ?? decision.otherwise ?? decision.place;
  if (decision.kind === 'unmatched') return follows ?? decision.place;
  return decision.place;
}

/**
 * The place in the source that is responsible for an answer: the `default` label, the condition, or the statement behind
 * a chain of them; undefined when the index did not decide it.
 */
export function responsiblePlace(
  answer: Answer,
): { place: Place; decision: Decision | undefined } | undefined {
  const { decisions, value } = answer;
  const origin = value.kind === 'number' && value.value < 0 ? value.origin : undefined;
  if (!origin) {
    const decision = last(decisions, (each) => each.taint === Taint.Computed) ?? last(decisions, () => true);
    return decision && { place: placeOfDecision(decision, undefined), decision };
  }
  const before = decisions.slice(0, origin.decisions);
  const decision =
    last(before, (each) => each.frame === origin.frame) ??
    // The code was set in advance, as in `int ret = -EINVAL;`, and what the index decided came later.
    last(decisions, (each) => each.frame === origin.frame) ??
    last(before, () => true);
  if (decision) return { place: placeOfDecision(decision, origin.place), decision };
  return decisions.length === 0 ? { place: origin.place, decision: undefined } : undefined;
}
