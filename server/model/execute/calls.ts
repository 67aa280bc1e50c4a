import type { Expression } from '../c/expressions';
import { coreOffsetShift } from '../kernel/kernelNames';
import { placeOf, withoutCasts, type Expressions, type Frame, type Result, type World } from './frame';
import { libraryCall, type LibraryCall } from './library';
import type { State } from './state';
import { binary, indexValue, number, stronger, Taint, tainted, unknown, type Value } from './values';

type Call = Extract<Expression, { kind: 'call' }>;

/** A call with its arguments worked out. */
interface Prepared {
  readonly call: Call;
  readonly args: readonly Value[];
  readonly state: State;
  readonly frame: Frame;
}

/** Works out calls: of vfio-pci-core, of functions known by name, of the driver's own, and of strangers. */
export class CallEvaluator {
  constructor(
    private readonly world: World,
    private readonly evaluator: Expressions,
  ) {}

  /** The possible outcomes of a call. */
  call(call: Call, state: State, frame: Frame): Result[] {
    const name =
      call.callee.kind === 'name' && !frame.variables.has(call.callee.name) ? call.callee.name : '';
    if (name === 'container_of' || name === 'container_of_const') return this.containerOf(call, state, frame);
    return this.prepare(call, state, frame).flatMap((prepared) => {
      const { state: after, args } = prepared;
      if (this.world.delegates.has(name)) {
        after.delegated = true;
        after.delegatedAt = placeOf(call, frame);
        // The core writes the offset; what the driver stored there before is gone.
        if (after.info !== undefined) after.forget(`${after.info}.offset`);
        return [{ value: unknown(), state: after }];
      }
      const entered = name ? this.world.enter(name, args, after, frame) : undefined;
      if (entered) return entered;
      const [first] = args;
      if (name === 'VFIO_PCI_OFFSET_TO_INDEX' && first)
        return [{ value: binary('>>', first, number(coreOffsetShift)), state: after }];
      const library = libraryCall(name);
      return library ? this.library(library, prepared) : this.stranger(name, prepared);
    });
  }

  /** What contains the request can hand it on unseen; what contains anything else is just not known. */
  private containerOf(call: Call, state: State, frame: Frame): Result[] {
    const [member] = call.args;
    if (!member) return [{ value: unknown(), state }];
    return this.evaluator.evaluate(member, state, frame).map(({ value, state: after }) => {
      if (value.kind === 'pointer' && after.holdsInfo(value.to)) after.opaque = true;
      return { value: unknown(), state: after };
    });
  }

  private prepare(call: Call, state: State, frame: Frame): Prepared[] {
    let prepared: Prepared[] = [{ call, args: [], state, frame }];
    for (const arg of call.args)
      prepared = prepared.flatMap((each) =>
        this.evaluator.evaluate(arg, each.state, frame).map(({ value, state: after }) => ({
          ...each,
          args: [...each.args, value],
          state: after,
        })),
      );
    return prepared;
  }

  private library(library: LibraryCall, prepared: Prepared): Result[] {
    const { args, state } = prepared;
    const taint = args.reduce((all, arg) => stronger(all, arg.taint), Taint.None);
    const first = args[0] ?? unknown();
    const give = (value: Value): Result[] => [{ value, state }];
    switch (library.kind) {
      case 'identity':
        return give(args[library.argument] ?? unknown());
      case 'harmless':
        return give(unknown(taint));
      case 'minimum':
      case 'maximum': {
        const [a, b] = args.slice(library.first);
        if (a?.kind !== 'number' || b?.kind !== 'number') return give(unknown(taint));
        const pick = library.kind === 'minimum' ? Math.min(a.value, b.value) : Math.max(a.value, b.value);
        return give(number(pick, taint));
      }
      case 'fromUser':
        return this.copyFromUser(prepared, library.to, library.from);
      case 'duplicateUser': {
        if (!isUser(args[library.from])) return give(unknown(taint));
        const path = `@copy${state.decisions.length}`;
        this.infoArrives(path, state);
        return give({ kind: 'pointer', to: path, taint: Taint.None });
      }
      case 'getUser':
        return this.getUser(prepared);
      case 'toUser':
        return give(number(0));
      case 'setMemory': {
        const value = args[1] ?? unknown();
        if (first.kind === 'pointer')
          for (const path of [...state.members(first.to), `${first.to}.size`]) state.write(path, value);
        return give(first);
      }
      case 'copyMemory': {
        const from = args[1];
        if (first.kind === 'pointer' && from?.kind === 'pointer') state.copy(from.to, first.to);
        else if (first.kind === 'pointer') state.forget(first.to);
        return give(first);
      }
      case 'isError':
        return give(
          first.kind === 'number' ? number(first.value < 0 ? 1 : 0, first.taint) : isErrorOf(first),
        );
      case 'isErrorOrNull':
        return give(
          first.kind === 'number' ? number(first.value <= 0 ? 1 : 0, first.taint) : isErrorOf(first),
        );
      case 'errorOrZero':
        return give(
          first.kind === 'number' ? (first.value < 0 ? first : number(0, first.taint)) : unknown(taint),
        );
      case 'bit':
        return give(binary('<<', number(1), first));
      case 'noReturn':
        return [];
    }
  }

  /** The struct that user space handed over has arrived at a place: its index is the one that is asked about. */
  private infoArrives(path: string, state: State): void {
    state.forget(path);
    state.write(`${path}.index`, indexValue(this.world.index));
    state.info = path;
  }

  private copyFromUser({ call, args, state, frame }: Prepared, to: number, from: number): Result[] {
    const target = args[to];
    const source = args[from];
    if (isUser(source) && target?.kind === 'pointer') this.infoArrives(target.to, state);
    else if (isUser(source)) {
      const path = `@copy${state.decisions.length}`;
      const variable = call.args[to];
      if (variable)
        this.evaluator.assign(variable, { kind: 'pointer', to: path, taint: Taint.None }, state, frame);
      this.infoArrives(path, state);
    } else if (target?.kind === 'pointer') {
      const field = call.args[from];
      if (field && readsUserIndex(field)) state.write(target.to, indexValue(this.world.index));
      else state.forget(target.to);
    }
    return [{ value: number(0), state }];
  }

  private getUser({ call, state, frame }: Prepared): Result[] {
    const [target, source] = call.args;
    if (target) {
      const value = source && readsUserIndex(source) ? indexValue(this.world.index) : unknown();
      this.evaluator.assign(target, value, state, frame);
    }
    return [{ value: number(0), state }];
  }

  /** A function whose text is not known, or one behind a pointer. */
  private stranger(name: string, { call, args, state, frame }: Prepared): Result[] {
    const isMacro = /^[A-Z][A-Z0-9_]*$/.test(name);
    const seesInfo = args.some((arg) => isUser(arg) || (arg.kind === 'pointer' && state.holdsInfo(arg.to)));
    if (isMacro || seesInfo) state.opaque = true;
    const iterates = /each|walk/.test(name);
    call.args.forEach((arg, at) => {
      const value = args[at];
      if (value?.kind === 'pointer') state.forget(value.to);
      if (iterates && withoutCasts(arg).kind === 'name') this.evaluator.assign(arg, unknown(), state, frame);
    });
    const taint = args.reduce((all, arg) => stronger(all, arg.taint), Taint.None);
    return [{ value: tainted(unknown(), taint), state }];
  }
}

function isUser(value: Value | undefined): boolean {
  return value?.kind === 'unknown' && value.user === true;
}

function isErrorOf(value: Value): Value {
  return value.kind === 'pointer' ? number(0, value.taint) : unknown(value.taint);
}

/** Whether an expression is the address of the member `index` of something: `&arg->index`. */
function readsUserIndex(expression: Expression): boolean {
  const plain = withoutCasts(expression);
  if (plain.kind !== 'unary' || plain.operator !== '&') return false;
  const member = withoutCasts(plain.operand);
  return member.kind === 'member' && member.field === 'index';
}
