import { subexpressions, type Expression } from '../c/expressions';
import { placeOf, withoutCasts, type Expressions, type Frame, type Result } from './frame';
import { State } from './state';
import { Taint, tainted, truth } from './values';

/** A condition that went one way. */
export interface ConditionResult {
  readonly holds: boolean;
  /** Whether it could not have gone the other way. */
  readonly certain: boolean;
  readonly taint: Taint;
  readonly state: State;
}

/** Whether a condition compares with a bound somewhere. */
export function comparesBound(condition: Expression): boolean {
  for (const part of subexpressions(condition))
    if (part.kind === 'binary' && /^[<>]=?$/.test(part.operator)) return true;
  return false;
}

/** Works out conditions and what they teach about the variables in them. */
export class Conditions {
  constructor(private readonly expressions: Expressions) {}

  /** The values of `test ? then : otherwise`. */
  conditional(
    expression: Extract<Expression, { kind: 'conditional' }>,
    state: State,
    frame: Frame,
  ): Result[] {
    return this.condition(expression.test, state, frame).flatMap((branch) => {
      if (branch.taint !== Taint.None)
        branch.state.decisions.push({
          kind: branch.holds ? 'true' : 'false',
          place: placeOf(expression, frame),
          otherwise: undefined,
          frame: frame.id,
          taint: branch.taint,
          certain: branch.certain,
          bound: comparesBound(expression.test),
        });
      const chosen = branch.holds ? (expression.then ?? expression.test) : expression.otherwise;
      return this.expressions.evaluate(chosen, branch.state, frame).map((result) => ({
        value: tainted(result.value, branch.taint === Taint.None ? Taint.None : Taint.Chosen),
        state: result.state,
      }));
    });
  }

  /** The ways a condition can go. */
  condition(expression: Expression, state: State, frame: Frame): ConditionResult[] {
    return this.expressions
      .evaluate(expression, state, frame)
      .flatMap(({ value, state: after }): ConditionResult[] => {
        const { taint } = value;
        const holds = truth(value);
        if (holds !== undefined) return [{ holds, certain: true, taint, state: after }];
        const otherwise = new State(after);
        this.refine(expression, true, after, frame);
        this.refine(expression, false, otherwise, frame);
        return [
          { holds: true, certain: false, taint, state: after },
          { holds: false, certain: false, taint, state: otherwise },
        ];
      });
  }

  /** Remembers what a condition on an unknown variable says about that variable. */
  private refine(condition: Expression, holds: boolean, state: State, frame: Frame): void {
    const test = withoutCasts(condition);
    if (test.kind === 'unary' && test.operator === '!')
      return this.refine(test.operand, !holds, state, frame);
    if (test.kind === 'assign' && test.operator === '=') return this.refine(test.target, holds, state, frame);
    if (test.kind === 'binary' && test.operator === '<' && holds)
      return this.refine(test.left, true, state, frame);
    if (test.kind !== 'name' || !frame.variables.has(test.name)) return;
    const path = `${frame.id}:${test.name}`;
    const before = state.read(path);
    if (before.kind === 'unknown')
      state.write(
        path,
        holds ? { ...before, nonzero: true } : { kind: 'number', value: 0, taint: before.taint },
      );
  }
}
