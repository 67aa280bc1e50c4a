import type { FlowNode, NodeId } from '../c/flow';
import type { FunctionModel } from '../c/fileModel';
import { regionInfoDelegates } from '../kernel/kernelNames';
import { comparesBound, type ConditionResult } from './conditions';
import { Evaluator } from './evaluator';
import { placeOf, type Frame, type Result, type World } from './frame';
import { State } from './state';
import { converted, number, Taint, tainted, unknown, type Value } from './values';

/** Where names lead, as a walk needs to know it. */
export interface Names {
  /** The function a name means in a file; undefined when there is none or more than one. */
  resolve(name: string, from: FunctionModel): FunctionModel | undefined;
  /** Whether a name that stands as a statement may be a macro with labels of a switch in it. */
  hidesLabels(name: string, from: FunctionModel): boolean;
  /** The value of a constant in a file. */
  constant(name: string, from: FunctionModel): number | undefined;
}

/** More than any driver needs; beyond it a walk gives up and says that it does not know. */
const limits = { depth: 8, steps: 20_000, visits: 70, guesses: 2 };

/** Thrown when a walk is not worth its time any more. */
class GaveUp extends Error {}

/**
 * Walks a driver's functions as if user space had asked about one region index, and goes both ways wherever something
 * else decides. This finds a refusal in any form, because it follows what the code does and not how it is written.
 */
export class Walk implements World {
  private readonly evaluator = new Evaluator(this);
  private steps = 0;
  private frames = 0;

  constructor(
    private readonly names: Names,
    readonly index: number,
    readonly delegates: ReadonlySet<string> = regionInfoDelegates,
  ) {}

  /**
   * The ways through a function.
   * @returns undefined when there are too many of them, or the function cannot be read
   */
  run(start: FunctionModel, args: readonly Value[], state: State): Result[] | undefined {
    try {
      return this.walk(start, args, state, undefined);
    } catch (error) {
      if (error instanceof GaveUp) return undefined;
      throw error;
    }
  }

  constant(name: string, frame: Frame): number | undefined {
    return this.names.constant(name, frame.function);
  }

  enter(name: string, args: readonly Value[], state: State, frame: Frame): Result[] | undefined {
    const callee = this.names.resolve(name, frame.function);
    if (!callee) return undefined;
    let depth = 0;
    for (let each: Frame | undefined = frame; each; each = each.caller) {
      if (each.function === callee) return undefined;
      depth++;
    }
    if (depth >= limits.depth) return undefined;
    const decisions = state.decisions.length;
    return this.walk(callee, args, state, frame)?.map(({ value, state: after }) => {
      // A function that looked at the index chose its answer by it.
      const looked = after.decisions.length > decisions;
      return { value: looked ? tainted(value, Taint.Chosen) : value, state: after };
    });
  }

  private walk(
    callee: FunctionModel,
    args: readonly Value[],
    state: State,
    caller: Frame | undefined,
  ): Result[] | undefined {
    const { flow, parameters } = callee;
    if (!flow) return undefined;
    const frame: Frame = { id: ++this.frames, function: callee, caller, variables: new Map() };
    parameters.forEach((parameter, at) => {
      if (!parameter.name) return;
      frame.variables.set(parameter.name, parameter.type);
      state.write(`${frame.id}:${parameter.name}`, converted(args[at] ?? unknown(), parameter.type));
    });
    const results: Result[] = [];
    const pending: { node: NodeId; state: State }[] = [{ node: flow.entry, state }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      if (++this.steps > limits.steps) throw new GaveUp();
      const node = flow.nodes[next.node];
      if (!node) continue;
      if (node.kind === 'return') {
        results.push(
          ...(node.value
            ? this.evaluator.evaluate(node.value, next.state, frame)
            : [{ value: unknown(), state: next.state }]),
        );
      } else if (node.kind === 'end') results.push({ value: number(0), state: next.state });
      else pending.push(...this.step(node, next.node, next.state, frame));
    }
    return results;
  }

  private step(node: FlowNode, id: NodeId, state: State, frame: Frame): { node: NodeId; state: State }[] {
    switch (node.kind) {
      case 'evaluate':
        return this.evaluator
          .evaluate(node.expression, state, frame)
          .map((result) => ({ node: node.next, state: result.state }));
      case 'declare': {
        frame.variables.set(node.name, node.type);
        const path = `${frame.id}:${node.name}`;
        if (node.initial)
          return this.evaluator
            .store(path, node.initial, state, frame, node.type)
            .map((result) => ({ node: node.next, state: result.state }));
        state.forget(path);
        return [{ node: node.next, state }];
      }
      case 'branch':
        return this.branch(node, id, state, frame);
      case 'switch':
        return this.evaluator
          .evaluate(node.value, state, frame)
          .flatMap((result) => this.switch(node, result, frame));
      case 'fork':
        if (node.targets.length > 1 && state.visit(`${frame.id}/${id}`) > limits.guesses) {
          const last = node.targets.at(-1);
          return last === undefined ? [] : [{ node: last, state }];
        }
        return node.targets.map((target, at) => ({ node: target, state: at ? new State(state) : state }));
      case 'unreadable':
        state.opaque = true;
        return [{ node: node.next, state }];
      default:
        return [];
    }
  }

  private branch(
    node: Extract<FlowNode, { kind: 'branch' }>,
    id: NodeId,
    state: State,
    frame: Frame,
  ): { node: NodeId; state: State }[] {
    const visits = node.statement === 'loop' ? state.visit(`${frame.id}/${id}`) : 0;
    return this.evaluator.conditions.condition(node.condition, state, frame).flatMap((way) => {
      // Where nobody knows how often a loop runs, none, one and two times stand for all; a known loop runs as it does.
      if (way.holds && visits > (way.certain ? limits.visits : limits.guesses)) {
        if (way.certain) way.state.opaque = true;
        else return [];
      }
      this.decide(node, way, frame);
      const target = way.holds && visits <= limits.visits ? node.whenTrue : node.whenFalse;
      return [{ node: target, state: way.state }];
    });
  }

  private decide(node: Extract<FlowNode, { kind: 'branch' }>, way: ConditionResult, frame: Frame): void {
    if (way.taint === Taint.None) return;
    way.state.decisions.push({
      kind: way.holds ? 'true' : 'false',
      place: placeOf(node.header, frame),
      otherwise: node.otherwise && placeOf(node.otherwise, frame),
      frame: frame.id,
      taint: way.taint,
      certain: way.certain,
      bound: comparesBound(node.condition),
    });
  }

  private switch(
    node: Extract<FlowNode, { kind: 'switch' }>,
    { value, state }: Result,
    frame: Frame,
  ): { node: NodeId; state: State }[] {
    const none = node.fallback?.target ?? node.after;
    const decide = (to: State, kind: 'matched' | 'default' | 'unmatched', certain: boolean): void => {
      if (value.taint === Taint.None) return;
      const place = kind === 'default' && node.fallback ? node.fallback.label : node.header;
      to.decisions.push({
        kind,
        place: placeOf(place, frame),
        otherwise: undefined,
        frame: frame.id,
        taint: value.taint,
        certain,
        bound: false,
      });
    };
    const ways: { node: NodeId; state: State }[] = [];
    const matched: NodeId[] = [];
    let doubt = value.kind !== 'number';
    for (const arm of node.arms) {
      const match = this.matches(arm.low, arm.high, value, state, frame);
      if (match === true) matched.push(arm.target);
      if (match === undefined) {
        doubt = true;
        const way = new State(state);
        decide(way, 'matched', false);
        ways.push({ node: arm.target, state: way });
      }
    }
    if (matched.length > 0) {
      // C allows a value in one label only, so whatever is unknown cannot match as well; an #else can repeat a label.
      decide(state, 'matched', true);
      if (value.taint === Taint.Computed) state.named = true;
      return matched.map((target, at) => ({ node: target, state: at ? new State(state) : state }));
    }
    if (node.mayHideLabels.some((name) => this.names.hidesLabels(name, frame.function))) {
      const hidden = new State(state);
      hidden.opaque = true;
      ways.push({ node: node.after, state: hidden });
    }
    decide(state, node.fallback ? 'default' : 'unmatched', !doubt);
    ways.push({ node: none, state });
    return ways;
  }

  /** Whether a value falls into a case; undefined when unknown. */
  private matches(
    low: Parameters<Evaluator['evaluate']>[0],
    high: Parameters<Evaluator['evaluate']>[0] | undefined,
    value: Value,
    state: State,
    frame: Frame,
  ): boolean | undefined {
    if (value.kind !== 'number') return undefined;
    const from = this.evaluator.evaluate(low, new State(state), frame)[0]?.value;
    const to = high ? this.evaluator.evaluate(high, new State(state), frame)[0]?.value : from;
    if (from?.kind === 'number' && value.value < from.value) return false;
    if (to?.kind === 'number' && value.value > to.value) return false;
    return from?.kind === 'number' && to?.kind === 'number' ? true : undefined;
  }
}
