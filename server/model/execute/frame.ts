import type { Expression } from '../expressions';
import type { FunctionModel } from '../functionModel';
import type { State } from './state';
import type { Place, Value } from './values';

/** One call of a function during a walk. */
export interface Frame {
  readonly id: number;
  readonly function: FunctionModel;
  readonly caller: Frame | undefined;
  /** Names of the parameters and of the locals declared so far. */
  readonly variables: Set<string>;
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
}

/** The place of an expression or span in the function of a frame. */
export function placeOf(span: { start: number; end: number }, frame: Frame): Place {
  return { function: frame.function, start: span.start, end: span.end };
}

/** Takes casts off an expression. */
export function withoutCasts(expression: Expression): Expression {
  return expression.kind === 'cast' ? withoutCasts(expression.operand) : expression;
}
