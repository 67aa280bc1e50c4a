/**
 * The helper's operations on direct memory buffers (DMBs): memory of the helper that one other function may store into.
 * docs/reference/helper-protocol.md describes them; ./helper.ts has the rest of the protocol.
 */
import * as v from 'valibot';
import { Count, Hex64, HexData } from './fields';
import { LIMITS } from './helperLimits';

/** What one request reads or stores at most, as hex digits. */
const Bytes = v.pipe(HexData, v.maxLength(2 * LIMITS.readMax));

/** Answer to `gid`: the function's own, by which others name it. */
export const Gid = v.object({ gid: Hex64 });
export type Gid = v.InferOutput<typeof Gid>;

/** Answer to `dmb-register`. `token` is what a store's offset in BAR0 begins with, `gid` the owner's. */
export const RegisteredDmb = v.object({ dmb: Count, token: Hex64, gid: Hex64, size: Count });
export type RegisteredDmb = v.InferOutput<typeof RegisteredDmb>;

export const UnregisteredDmb = v.object({ unregistered: v.boolean() });
export type UnregisteredDmb = v.InferOutput<typeof UnregisteredDmb>;

export const DmbBytes = v.object({ data: Bytes });
export type DmbBytes = v.InferOutput<typeof DmbBytes>;

/** A signal to a buffer: an interrupt came, and the buffer's bit was set. */
export const DmbSignal = v.object({
  dmb: Count,
  token: Hex64,
  /** CLOCK_MONOTONIC of the owner's host in nanoseconds, when the interrupt was seen. */
  timeNs: Hex64,
  /** Interrupts of the function since the last look; several stores may share one. */
  interrupts: Count,
  /** A bit for each index modulo 16 that the stores named: the highest is index 0. */
  mask: v.pipe(Count, v.maxValue(0xffff)),
  /** The span from the first to the last byte that changed since the last signal; its first 4096 bytes. */
  changed: v.nullable(v.object({ offset: Count, length: Count, data: Bytes })),
});
export type DmbSignal = v.InferOutput<typeof DmbSignal>;

/** Answer to `dmb-store`: that of `store`, and the signal that came, if one did. */
export const DmbStored = v.object({
  count: Count,
  requested: Count,
  durationNs: Count,
  /** Nanoseconds from before the pwrite until the helper saw the interrupt, on one clock; null when none came in time. */
  interruptNs: v.nullable(Count),
  signal: v.nullable(DmbSignal),
});
export type DmbStored = v.InferOutput<typeof DmbStored>;

/** The event of a signal to a buffer. */
export const DmbEvent = v.object({ event: v.literal('dmb'), ...DmbSignal.entries });
export type DmbEvent = v.InferOutput<typeof DmbEvent>;

export interface DmbOperations {
  gid: { params: { handle: number }; result: Gid };
  /** `user` is the GID of the only function that may store into it. */
  'dmb-register': { params: { handle: number; size: number; user: string }; result: RegisteredDmb };
  'dmb-unregister': { params: { dmb: number }; result: UnregisteredDmb };
  'dmb-read': { params: { dmb: number; offset: number; length: number }; result: DmbBytes };
  /** One store to BAR0 of `handle`, whose `offset` names the buffer, then waiting for the buffer's signal. */
  'dmb-store': {
    params: { dmb: number; handle: number; offset: string; data: string; waitMs: number };
    result: DmbStored;
  };
}

/** Result schemas, for {@link import('./helper').resultSchemas}. */
export const dmbSchemas: {
  [O in keyof DmbOperations]: v.GenericSchema<unknown, DmbOperations[O]['result']>;
} = {
  gid: Gid,
  'dmb-register': RegisteredDmb,
  'dmb-unregister': UnregisteredDmb,
  'dmb-read': DmbBytes,
  'dmb-store': DmbStored,
};
