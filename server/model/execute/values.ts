import type { Span } from '../../syntax/lexer/tokens';
import type { FunctionModel } from '../c/fileModel';

/** Where in which function something stands; the span is relative to the function's item. */
export interface Place extends Span {
  readonly function: FunctionModel;
}

/**
 * How a value depends on the index that a walk is about: not at all, because a function that looked at the index chose
 * it, or because it was computed from the index.
 */
export const enum Taint {
  None,
  Chosen,
  Computed,
}

/** Where an error code was written, and how many decisions on the index had been made by then. */
export interface Origin {
  readonly place: Place;
  readonly frame: number;
  readonly decisions: number;
}

/** What is known of a value while a function is being walked. */
export type Value = { readonly taint: Taint } & (
  | {
      readonly kind: 'number';
      readonly value: number;
      readonly origin?: Origin | undefined;
      /** Whether C computes with it without a sign, as with the 32 bits of an index: below zero it wraps. */
      readonly unsigned?: boolean;
    }
  /** The address of a place in the store, as `1:info`. */
  | { readonly kind: 'pointer'; readonly to: string }
  | {
      readonly kind: 'unknown';
      readonly nonzero?: boolean;
      /** Whether it is the pointer that user space handed over with the ioctl. */
      readonly user?: boolean;
    }
);

/** A value of which nothing is known. */
export function unknown(taint = Taint.None): Value {
  return { kind: 'unknown', taint };
}

/** A known number. */
export function number(value: number, taint = Taint.None): Value {
  return { kind: 'number', value, taint };
}

/** Whether a value is true in a condition; undefined when unknown. */
export function truth(value: Value): boolean | undefined {
  if (value.kind === 'number') return value.value !== 0;
  if (value.kind === 'unknown') return value.nonzero ? true : undefined;
  return true;
}

/** The same value, which depends on the index at least as much as `taint` says. */
export function tainted(value: Value, taint: Taint): Value {
  return taint > value.taint ? { ...value, taint } : value;
}

/** The stronger of two dependencies. */
export function stronger(left: Taint, right: Taint): Taint {
  return left > right ? left : right;
}

const arithmetic: Readonly<Record<string, (a: number, b: number) => number | undefined>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? undefined : Math.trunc(a / b)),
  '%': (a, b) => (b === 0 ? undefined : a % b),
  '<<': (a, b) => (b >= 0 && b < 64 ? a * 2 ** b : undefined),
  '>>': (a, b) => (b >= 0 && b < 64 ? Math.floor(a / 2 ** b) : undefined),
  '&': (a, b) => Number(BigInt(a) & BigInt(b)),
  '|': (a, b) => Number(BigInt(a) | BigInt(b)),
  '^': (a, b) => Number(BigInt(a) ^ BigInt(b)),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
};

/** The outcome of an operator on two values; unknown where C's arithmetic and this one could differ. */
export function binary(operator: string, left: Value, right: Value): Value {
  const taint = stronger(left.taint, right.taint);
  if (left.kind === 'number' && right.kind === 'number') {
    const unsigned = (left.unsigned ?? false) || (right.unsigned ?? false);
    const wrap = (value: number): number => (unsigned && value < 0 ? value + 2 ** 32 : value);
    const value = arithmetic[operator]?.(wrap(left.value), wrap(right.value));
    const compares = /^([<>]=?|[=!]=)$/.test(operator);
    if (value !== undefined && Number.isSafeInteger(value))
      return { kind: 'number', value: wrap(value), taint, unsigned: unsigned && !compares };
  }
  if (operator === '==' || operator === '!=') {
    const [other, zero] = left.kind === 'number' ? [right, left] : [left, right];
    const differs =
      zero.kind === 'number' && zero.value === 0 && other.kind !== 'number' && truth(other) === true;
    if (differs) return number(operator === '!=' ? 1 : 0, taint);
  }
  if (operator === '&' && [left, right].some((side) => side.kind === 'number' && side.value === 0))
    return number(0, taint);
  return unknown(taint);
}

/** A number as a variable of a type holds it: `int` takes the sign back that the arithmetic of an index has lost. */
export function converted(value: Value, type: string): Value {
  if (value.kind !== 'number' || type.includes('*')) return value;
  if (/\b(unsigned|u8|u16|u32|u64|__u32|__u64|size_t|uint\w*)\b/.test(type))
    return { ...value, unsigned: true };
  if (!/\b(int|s32|short|s16|s8|char|__s32|int32_t)\b/.test(type)) return value;
  return {
    ...value,
    value: value.value >= 2 ** 31 && value.unsigned ? value.value - 2 ** 32 : value.value,
    unsigned: false,
  };
}

/** The index user space asks about, as a number of 32 bits without a sign. */
export function indexValue(index: number): Value {
  return { kind: 'number', value: index, taint: Taint.Computed, unsigned: true };
}
