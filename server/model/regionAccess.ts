import { State } from './execute/state';
import { number, Taint, unknown, type Value } from './execute/values';
import { Walk } from './execute/walk';
import type { FunctionModel } from './c/fileModel';
import { coreOffsetShift, regionAccessDelegates } from './kernel/kernelNames';
import type { OpsSlot, OpsTable } from './opsTables';
import type { Project } from './project';
import type { Answer } from './regionInfo';
import { decodesIn, reachableFrom } from './regionOffsets';

/** A function that reads or writes regions for user space, and the table that names it. */
export interface AccessHandler {
  readonly function: FunctionModel;
  readonly table: OpsTable;
  readonly slot: OpsSlot;
}

/** The functions in the slots .read and .write of a table, without those of the core. */
export function accessHandlers(project: Project, table: OpsTable): AccessHandler[] {
  return table.slots
    .filter(
      ({ slot, value }) => /^(read|write)$/.test(slot) && value !== '' && !regionAccessDelegates.has(value),
    )
    .flatMap((slot) =>
      project.definitions(slot.value, table.file).map((each) => ({ function: each, table, slot })),
    );
}

/** The shift with which a handler and what it calls take the index out of the offset; undefined unless there is one. */
export function decodeShift(project: Project, handler: FunctionModel): number | undefined {
  const shifts = new Set(
    reachableFrom(project, handler)
      .flatMap((each) => decodesIn(project, each))
      .map((use) => use.shift),
  );
  const [shift] = shifts;
  return shifts.size === 1 ? shift : undefined;
}

const offsetPath = '@pos';

function kindOf(value: Value, state: State): Answer['kind'] {
  if (state.delegated) return 'delegated';
  if (state.opaque) return 'unknown';
  if (value.kind === 'number' && value.value < 0) return 'refused';
  const guessed = state.decisions.some((decision) => !decision.certain);
  if (value.kind !== 'number') return value.taint !== Taint.None || guessed ? 'unknown' : 'failed';
  return value.value === 0 && state.decisions.length > 0 && !guessed ? 'untouched' : 'unknown';
}

/**
 * Every way in which a handler can answer an access to the region of one index.
 * @returns undefined when unknown
 */
export function accessAnswers(project: Project, handler: AccessHandler, index: number): Answer[] | undefined {
  const shift = decodeShift(project, handler.function) ?? coreOffsetShift;
  const state = new State();
  state.info = offsetPath;
  state.write(offsetPath, number(index * 2 ** shift, Taint.Computed));
  const { parameters } = handler.function;
  const at = parameters.findLastIndex((parameter) => /\bloff_t\s*\*/.test(parameter.type));
  if (at < 0) return undefined;
  const args = parameters.map((parameter, position): Value => {
    if (position === at) return { kind: 'pointer', to: offsetPath, taint: Taint.None };
    // Nobody asks for nothing: a count of zero is answered before the index matters.
    if (/\bsize_t\b/.test(parameter.type)) return { kind: 'unknown', taint: Taint.None, nonzero: true };
    return unknown();
  });
  const ways = new Walk(project, index, regionAccessDelegates).run(handler.function, args, state);
  return ways?.map(({ value, state: after }) => ({
    kind: kindOf(value, after),
    decisions: after.decisions,
    named: after.named,
    lookedUp: after.lookedUp,
    delegatedAt: after.delegatedAt,
    writesOffset: false,
    value,
  }));
}
