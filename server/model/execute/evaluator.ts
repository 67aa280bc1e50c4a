import type { Expression, ListEntry } from '../c/expressions';
import { CallEvaluator } from './calls';
import { Conditions } from './conditions';
import {
  placeOf,
  withoutCasts,
  type Expressions,
  type Frame,
  type PlaceResult,
  type Result,
  type World,
} from './frame';
import { State } from './state';
import { binary, converted, number, stronger, Taint, tainted, truth, unknown, type Value } from './values';

/** Works out expressions. Where something is not known it goes both ways. */
export class Evaluator implements Expressions {
  private readonly calls: CallEvaluator;
  /** Conditions, which can go both ways. */
  readonly conditions: Conditions;

  constructor(private readonly world: World) {
    this.calls = new CallEvaluator(world, this);
    this.conditions = new Conditions(this);
  }

  /** The possible values of an expression. */
  evaluate(expression: Expression, state: State, frame: Frame): Result[] {
    switch (expression.kind) {
      case 'name':
        return [{ value: this.name(expression.name, state, frame), state }];
      case 'number':
        return [{ value: expression.value === undefined ? unknown() : number(expression.value), state }];
      case 'cast':
        return this.evaluate(expression.operand, state, frame);
      case 'comma':
        return this.evaluate(expression.left, state, frame).flatMap((left) =>
          this.evaluate(expression.right, left.state, frame),
        );
      case 'member':
      case 'subscript':
        return this.place(expression, state, frame).map(({ path, taint, state: after }) => ({
          value: path === undefined ? unknown(taint) : tainted(after.read(path), taint),
          state: after,
        }));
      case 'unary':
        return this.unary(expression.operator, expression.operand, expression, state, frame);
      case 'update':
        return this.evaluate(expression.operand, state, frame).map((before) => {
          const after = binary(expression.operator === '++' ? '+' : '-', before.value, number(1));
          this.assign(expression.operand, after, before.state, frame);
          return { value: expression.prefix ? after : before.value, state: before.state };
        });
      case 'binary':
        return this.binary(expression.operator, expression.left, expression.right, state, frame);
      case 'assign':
        return this.assignment(expression.operator, expression.target, expression.value, state, frame);
      case 'conditional':
        return this.conditions.conditional(expression, state, frame);
      case 'call':
        return this.calls.call(expression, state, frame);
      case 'list':
        return [{ value: unknown(), state }];
      case 'other': {
        let states = [state];
        for (const part of expression.parts)
          states = states.flatMap((each) => this.evaluate(part, each, frame).map((result) => result.state));
        return states.map((each) => ({ value: unknown(), state: each }));
      }
      default:
        return [{ value: unknown(), state }];
    }
  }

  private name(name: string, state: State, frame: Frame): Value {
    if (frame.variables.has(name)) return state.read(`${frame.id}:${name}`);
    const constant = this.world.constant(name, frame);
    return constant === undefined ? state.read(`:${name}`) : number(constant);
  }

  /** The place an lvalue names; no path when nobody can know it. */
  place(expression: Expression, state: State, frame: Frame): PlaceResult[] {
    const target = withoutCasts(expression);
    switch (target.kind) {
      case 'name':
        return [
          {
            path: frame.variables.has(target.name) ? `${frame.id}:${target.name}` : `:${target.name}`,
            taint: Taint.None,
            state,
          },
        ];
      case 'member': {
        const owners = target.arrow
          ? this.pointee(target.object, state, frame)
          : this.place(target.object, state, frame);
        return owners.map((owner) => ({
          ...owner,
          path: owner.path === undefined ? undefined : `${owner.path}.${target.field}`,
        }));
      }
      case 'subscript':
        return this.evaluate(target.index, state, frame).flatMap((index) =>
          this.place(target.object, index.state, frame).map((owner) => {
            if (index.value.taint === Taint.Computed) owner.state.lookedUp = true;
            const known = owner.path !== undefined && index.value.kind === 'number';
            return {
              path:
                known && index.value.kind === 'number' ? `${owner.path}[${index.value.value}]` : undefined,
              taint: stronger(owner.taint, index.value.taint),
              state: owner.state,
            };
          }),
        );
      default:
        break;
    }
    if (target.kind === 'unary' && target.operator === '*') return this.pointee(target.operand, state, frame);
    return this.evaluate(target, state, frame).map((result) => ({
      path: undefined,
      taint: result.value.taint,
      state: result.state,
    }));
  }

  private pointee(pointer: Expression, state: State, frame: Frame): PlaceResult[] {
    return this.evaluate(pointer, state, frame).map(({ value, state: after }) => ({
      path: value.kind === 'pointer' ? value.to : undefined,
      taint: value.taint,
      state: after,
    }));
  }

  /** Stores a value at an lvalue, as far as its place is known. */
  assign(target: Expression, value: Value, state: State, frame: Frame): void {
    for (const { path } of this.place(target, state, frame)) {
      if (path !== undefined) state.write(path, converted(value, this.typeOf(target, frame)));
      else escape(value, state);
    }
  }

  private unary(
    operator: string,
    operand: Expression,
    whole: Expression,
    state: State,
    frame: Frame,
  ): Result[] {
    if (operator === '&') {
      const inner = withoutCasts(operand);
      // The address of a function is that function, and the address of what a pointer points to is the pointer.
      return this.place(inner, state, frame).map(({ path, taint, state: after }) => ({
        value: path === undefined ? unknown(taint) : { kind: 'pointer', to: path, taint },
        state: after,
      }));
    }
    if (operator === '*')
      return this.pointee(operand, state, frame).map(({ path, taint, state: after }) => ({
        value: path === undefined ? unknown(taint) : tainted(after.read(path), taint),
        state: after,
      }));
    return this.evaluate(operand, state, frame).map(({ value, state: after }) => {
      if (operator === '!') {
        const holds = truth(value);
        return {
          value: holds === undefined ? unknown(value.taint) : number(holds ? 0 : 1, value.taint),
          state: after,
        };
      }
      if (value.kind !== 'number') return { value: unknown(value.taint), state: after };
      if (operator === '-' && value.value > 0) {
        const origin = { place: placeOf(whole, frame), frame: frame.id, decisions: after.decisions.length };
        return { value: { kind: 'number', value: -value.value, taint: value.taint, origin }, state: after };
      }
      if (operator === '-' || operator === '+')
        return { value: operator === '+' ? value : number(-value.value, value.taint), state: after };
      return { value: unknown(value.taint), state: after };
    });
  }

  private binary(
    operator: string,
    left: Expression,
    right: Expression,
    state: State,
    frame: Frame,
  ): Result[] {
    if (operator === '&&' || operator === '||')
      return this.evaluate(left, state, frame).flatMap((first) =>
        this.logical(operator, first, right, frame),
      );
    return this.evaluate(left, state, frame).flatMap((first) =>
      this.evaluate(right, first.state, frame).map((second) => {
        const value = binary(operator, first.value, second.value);
        if (value.kind === 'number' && value.taint === Taint.Computed) {
          const equal = (operator === '==' && value.value === 1) || (operator === '!=' && value.value === 0);
          if (equal) second.state.named = true;
        }
        return { value, state: second.state };
      }),
    );
  }

  /** `&&` and `||`; an unknown left side leaves the outcome to the right side where that is certain. */
  private logical(operator: '&&' | '||', left: Result, right: Expression, frame: Frame): Result[] {
    const decisive = operator === '||';
    const holds = truth(left.value);
    if (holds === decisive) return [{ value: number(decisive ? 1 : 0, left.value.taint), state: left.state }];
    const skipped = holds === undefined ? new State(left.state) : undefined;
    return this.evaluate(right, left.state, frame).map((second) => {
      const rightHolds = truth(second.value);
      const taint = stronger(left.value.taint, second.value.taint);
      if (skipped && rightHolds !== decisive) return { value: unknown(taint), state: second.state };
      if (rightHolds === undefined) return { value: unknown(taint), state: second.state };
      return { value: number(rightHolds ? 1 : 0, taint), state: second.state };
    });
  }

  private assignment(
    operator: string,
    target: Expression,
    source: Expression,
    state: State,
    frame: Frame,
  ): Result[] {
    if (operator !== '=')
      return this.evaluate(target, state, frame).flatMap((before) =>
        this.evaluate(source, before.state, frame).map((operand) => {
          const value = binary(operator.slice(0, -1), before.value, operand.value);
          this.assign(target, value, operand.state, frame);
          return { value, state: operand.state };
        }),
      );
    return this.place(target, state, frame).flatMap(({ path, state: after }) =>
      this.store(path, source, after, frame, this.typeOf(target, frame)),
    );
  }

  /** The type of a variable; empty for anything else. */
  private typeOf(target: Expression, frame: Frame): string {
    const plain = withoutCasts(target);
    return plain.kind === 'name' ? (frame.variables.get(plain.name) ?? '') : '';
  }

  /** Evaluates a value into a place: a number, a whole struct, or an initialiser list. */
  store(path: string | undefined, source: Expression, state: State, frame: Frame, type: string): Result[] {
    const plain = withoutCasts(source);
    if (path !== undefined && plain.kind === 'list')
      return [this.storeList(path, plain.entries, state, frame)];
    if (path !== undefined && (plain.kind === 'name' || plain.kind === 'member' || plain.kind === 'unary')) {
      const [from] = plain.kind === 'unary' && plain.operator !== '*' ? [] : this.place(plain, state, frame);
      if (from?.path !== undefined && !state.has(from.path) && state.members(from.path).length > 0) {
        state.copy(from.path, path);
        return [{ value: unknown(), state }];
      }
    }
    return this.evaluate(source, state, frame).map(({ value, state: after }) => {
      if (path !== undefined) after.write(path, converted(value, type));
      if (path === undefined || path.startsWith(':')) escape(value, after);
      return { value, state: after };
    });
  }

  private storeList(path: string, entries: readonly ListEntry[], state: State, frame: Frame): Result {
    state.forget(path);
    // What a struct's initialiser does not name is zero; only the members that matter here are known by name.
    for (const field of ['index', 'size', 'flags', 'offset']) state.write(`${path}.${field}`, number(0));
    for (const { designator, value } of entries) {
      const [result] = this.evaluate(value, state, frame);
      if (designator.startsWith('.') && result) state.write(path + designator, result.value);
    }
    return { value: unknown(), state };
  }
}

/** Where a pointer to the request is stored where nobody can follow it, anybody may answer. */
function escape(value: Value, state: State): void {
  if (value.kind === 'pointer' && state.holdsInfo(value.to)) state.opaque = true;
}
