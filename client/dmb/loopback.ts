/**
 * A loopback: a buffer (DMB) of one function, stores into it from another, and what became of them. Knows nothing of
 * dialogs, so that tests can drive it.
 */
import { randomBytes } from 'node:crypto';
import type { IsmFunction } from '../../protocol/helper';
import { DMB_PAGE, MAX_DMB_SIZE } from '../../protocol/dmbLimits';
import type { RegisteredDmb } from '../../protocol/helperDmb';
import { answerName } from '../../protocol/ismDecode';
import { HelperError } from '../base/helperErrors';
import type { Host } from '../hosts/host';
import { sentenceOf, UserError } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';
import type { StoreJournal, StoreRecord } from '../journal/journal';
import { sendStore } from '../stores/sendStore';

/** One of the two functions. */
export interface LoopbackEnd {
  readonly host: Host;
  readonly fn: IsmFunction;
}

export interface LoopbackPlan {
  /** The function that stores, and the one that has the buffer. */
  readonly from: LoopbackEnd;
  readonly to: LoopbackEnd;
  /** Lengths in bytes, one store each. */
  readonly sizes: readonly number[];
  /** Where in the buffer every store goes. */
  readonly offset: number;
}

/** What was found in the buffer: the same bytes, or where the first other one is. */
export type Arrived =
  | { readonly kind: 'equal' }
  | { readonly kind: 'differs'; readonly at: number; readonly stored: number; readonly found: number }
  | { readonly kind: 'unread'; readonly why: string };

export interface LoopbackRow {
  readonly size: number;
  /** The index that the store names, which the owner finds as a bit of its mask. */
  readonly index: number;
  readonly record: StoreRecord;
  readonly sentence: string;
  readonly arrived: Arrived;
  /** The owner's mask when the interrupt came; undefined when none did. */
  readonly mask: number | undefined;
  /** Milliseconds from the store to the interrupt, measured as {@link LoopbackResult.clock} says. */
  readonly interruptMs: number | undefined;
}

export interface LoopbackResult {
  readonly plan: LoopbackPlan;
  readonly dmb: RegisteredDmb;
  readonly userGid: string;
  readonly rows: readonly LoopbackRow[];
  /** `host`: the clock of the one host. `window`: two hosts have none in common, so this window's, links included. */
  readonly clock: 'host' | 'window';
  /** Why the buffer could not be unregistered; undefined when it is. */
  readonly left: string | undefined;
  readonly time: string;
}

/** The least size that SMC uses (SMC_BUF_MIN_SIZE of net/smc/smc_core.h): what functions are known to take. */
const USUAL_SIZE = 16384;

/** How long an interrupt may take. The lab needs some milliseconds, a busy link to a second host much more. */
const WAIT_MS = 3000;

/** The size of a buffer with room for so many bytes. */
export const dmbSize = (bytes: number): number =>
  Math.max(USUAL_SIZE, Math.ceil(bytes / DMB_PAGE) * DMB_PAGE);

/** What a list of sizes and an offset must be; a sentence when they are not. */
export function loopbackProblem(sizes: readonly number[], offset: number): string | undefined {
  if (sizes.length === 0 || sizes.length > 16) return 'Name 1 to 16 sizes.';
  const bad = sizes.find((size) => !Number.isInteger(size) || size < 1 || size > DMB_PAGE);
  if (bad !== undefined) return `A store has 1 to ${DMB_PAGE} bytes, not ${String(bad)}.`;
  const longest = Math.max(...sizes);
  const room = DMB_PAGE - (offset % DMB_PAGE);
  if (offset + longest > MAX_DMB_SIZE) return `A buffer has at most ${MAX_DMB_SIZE} bytes.`;
  return longest > room
    ? `${longest} bytes at this offset cross a 4 KiB boundary; at most ${room} fit there.`
    : undefined;
}

/** Where in BAR0 a store to a buffer goes: ISM_CREATE_REQ(dmb, idx, sf, offset) of drivers/s390/net/ism.h. */
export function moveOffset(token: string, index: number, signal: boolean, offset: number): bigint {
  return BigInt(token) | (BigInt(index) << 24n) | (signal ? 1n << 23n : 0n) | BigInt(offset);
}

/** An answer of the function other than 0 gets its name, and what to do where that is known. */
export function explained(error: unknown): unknown {
  const code =
    error instanceof HelperError ? /^answer-(0x[0-9a-f]{4})$/.exec(error.failure.code)?.[1] : undefined;
  if (code === undefined) return error;
  const known = answerName(Number(code));
  return new UserError(
    Number(code) === 0x0c
      ? `${sentenceOf(error)}: ${known}; the two functions are not in the same fabric, choose another one.`
      : `${sentenceOf(error)}: ${known}.`,
  );
}

export interface LoopbackOptions {
  /** Looked at before each store. */
  readonly signal?: AbortSignal;
  /** Called before each store with its number from 0. */
  readonly beforeStore?: (index: number) => void | Promise<void>;
}

/**
 * Registers the buffer, stores each size once, looks and unregisters, whatever happens meanwhile. Every store is in the
 * journal; the first that is not taken ends the loopback.
 *
 * @throws UserError or HelperError when nothing could be stored
 */
export async function runLoopback(
  plan: LoopbackPlan,
  journal: StoreJournal,
  { signal, beforeStore }: LoopbackOptions = {},
): Promise<LoopbackResult> {
  const { from, to, sizes, offset } = plan;
  try {
    const user = await from.host.open(from.fn.address);
    const owner = await to.host.open(to.fn.address);
    const { gid: userGid } = await from.host.request('gid', { handle: user.handle });
    const size = dmbSize(offset + Math.max(...sizes));
    const dmb = await to.host.request('dmb-register', { handle: owner.handle, size, user: userGid });
    const rows: LoopbackRow[] = [];
    let left: string | undefined;
    try {
      for (const [index, length] of sizes.entries()) {
        if (signal?.aborted) break;
        await beforeStore?.(index);
        const row = await storeOnce(plan, dmb, user.handle, index, length, journal);
        rows.push(row);
        // Without the buffer's host there is nothing to see of the others.
        if (row.record.outcome !== 'ok' || row.arrived.kind === 'unread') break;
      }
    } finally {
      left = await unregister(to.host, dmb);
    }
    const clock = from.host === to.host ? 'host' : 'window';
    return { plan, dmb, userGid, rows, clock, left, time: new Date().toISOString() };
  } catch (error) {
    throw explained(error);
  }
}

/** @returns why it could not be unregistered. With a link that is lost the helper does it by itself. */
async function unregister(host: Host, { dmb }: RegisteredDmb): Promise<string | undefined> {
  try {
    await host.request('dmb-unregister', { dmb });
    return undefined;
  } catch (error) {
    return neutralise(sentenceOf(explained(error)));
  }
}

interface Heard {
  readonly mask: number;
  readonly ms: number;
}

async function storeOnce(
  { from, to, offset }: LoopbackPlan,
  dmb: RegisteredDmb,
  handle: number,
  index: number,
  size: number,
  journal: StoreJournal,
): Promise<LoopbackRow> {
  // Bytes that nothing else would leave there.
  const data = randomBytes(size);
  const { host, fn } = from;
  const store = { host, fn, handle, region: 0, offset: moveOffset(dmb.token, index, true, offset), data };
  let heard: Heard | undefined;
  let sent;
  if (from.host === to.host) {
    sent = await sendStore(store, journal, async ({ handle, offset, data }) => {
      const answer = await host.request('dmb-store', { dmb: dmb.dmb, handle, offset, data, waitMs: WAIT_MS });
      if (answer.signal && answer.interruptNs !== null)
        heard = { mask: answer.signal.mask, ms: answer.interruptNs / 1e6 };
      return answer;
    });
  } else {
    const ear = listen(to.host, dmb);
    try {
      sent = await sendStore(store, journal, (params) => {
        ear.start(); // what the journal takes to be written is no part of it
        return host.request('store', params);
      });
      if (sent.record.outcome === 'ok') heard = await ear.heard();
    } finally {
      ear.dispose();
    }
  }
  const arrived = await compare(to.host, dmb, offset, data);
  return { size, index, ...sent, arrived, mask: heard?.mask, interruptMs: heard?.ms };
}

interface Ear {
  /** From here on time is taken. */
  start(): void;
  /** Waits a while for the first signal. */
  heard(): Promise<Heard | undefined>;
  dispose(): void;
}

/** Listens to signals to the buffer from now on. */
function listen(host: Host, dmb: RegisteredDmb): Ear {
  let from = performance.now();
  let done: (heard: Heard | undefined) => void;
  const first = new Promise<Heard | undefined>((resolve) => (done = resolve));
  const subscription = host.onDmb((event) => {
    if (event.dmb === dmb.dmb && event.token === dmb.token)
      done({ mask: event.mask, ms: performance.now() - from });
  });
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => void (from = performance.now()),
    heard: () => {
      timer = setTimeout(() => done(undefined), WAIT_MS);
      return first;
    },
    dispose: () => {
      clearTimeout(timer);
      subscription.dispose();
    },
  };
}

async function compare(host: Host, { dmb }: RegisteredDmb, offset: number, data: Buffer): Promise<Arrived> {
  try {
    const read = await host.request('dmb-read', { dmb, offset, length: data.length });
    const found = Buffer.from(read.data, 'hex');
    const at = data.findIndex((byte, index) => byte !== found[index]);
    if (at < 0) return { kind: 'equal' };
    return { kind: 'differs', at, stored: data[at] ?? 0, found: found[at] ?? 0 };
  } catch (error) {
    return { kind: 'unread', why: neutralise(sentenceOf(error)) };
  }
}
