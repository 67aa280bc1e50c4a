/** What the process that holds the functions can be asked: one JSON object a line on its standard input, answers likewise. */
import type { Fault } from './ism/faults';

export type DeviceRequest =
  | { readonly op: 'add'; readonly name: string; readonly socket: string }
  | { readonly op: 'list' }
  | { readonly op: 'buffers' }
  | { readonly op: 'dump'; readonly token: string; readonly offset: number; readonly length: number }
  | { readonly op: 'fault'; readonly name: string; readonly fault: Fault | null }
  | { readonly op: 'stall'; readonly name: string; readonly stalled: boolean }
  | { readonly op: 'kill'; readonly name: string };

export interface FunctionInfo {
  readonly name: string;
  /** Hexadecimal with 0x. */
  readonly gid: string;
  /** Whether a machine has it. */
  readonly connected: boolean;
  readonly sba: string | null;
  readonly ieq: string | null;
  readonly vlans: readonly number[];
  readonly owned: number;
  readonly used: number;
  readonly fault: Fault | null;
}

export interface BufferInfo {
  readonly token: string;
  readonly owner: string;
  /** The function that may store into it. */
  readonly user: string;
  readonly address: string;
  readonly length: number;
  readonly index: number;
  readonly vlan: number | null;
}

/** Numbered, since answers that need the guest's memory come later than others. */
export interface Numbered<T> {
  readonly id: number;
  readonly body: T;
}

export type DeviceReply = { readonly result: unknown } | { readonly error: string };
