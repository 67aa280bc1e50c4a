import type { Expression } from '../c/expressions';
import type { FunctionModel } from '../c/fileModel';
import type { State } from './state';
import type { Place, Taint, Value } from './values';

/** One call of a function during a walk. */
export interface Frame {
  readonly id: number;
  readonly function: FunctionModel;
  readonly caller: Frame | undefined;
  /** The types of the parameters and of the locals declared so far, by name. */
  readonly variables: Map<string, string>;
}

/** A value and the state in which it came about; an expression can have several. */
export interface Result {
  readonly value: Value;
  readonly state: State;
}

/** What the evaluation of expressions needs from the rest of the walk. */
export interface World {
  /** Walks a function with known arguments; undefined when it must not, or cannot, be entered. */
  enter(name: string, args: readonly Value[], state: State, frame: Frame): Result[] | undefined;
  /** The value of a constant or macro without parameters as a file sees it. */
  constant(name: string, frame: Frame): number | undefined;
  /** The index that stands for the one user space asks about. */
  readonly index: number;
  /** Functions of vfio-pci-core that take the request over. */
  readonly delegates: ReadonlySet<string>;
}

/** The place of an expression or span in the function of a frame. */
export function placeOf(span: { start: number; end: number }, frame: Frame): Place {
  return { function: frame.function, start: span.start, end: span.end };
}

/** Takes casts off an expression. */
export function withoutCasts(expression: Expression): Expression {
  return expression.kind === 'cast' ? withoutCasts(expression.operand) : expression;
}

/** A place in the store that an lvalue names; no path when nobody can know it. */
export interface PlaceResult {
  readonly path: string | undefined;
  readonly taint: Taint;
  readonly state: State;
}

/** The evaluation of expressions, as its parts use one another. */
export interface Expressions {
  evaluate(expression: Expression, state: State, frame: Frame): Result[];
  place(expression: Expression, state: State, frame: Frame): PlaceResult[];
  assign(target: Expression, value: Value, state: State, frame: Frame): void;
}
