/**
 * What an ISM function and its driver agree on: commands of the control page, the structures in the guest's memory and how
 * a store to BAR0 names its target. Layouts follow drivers/s390/net/ism.h; all fields are big-endian.
 */

/** ISM_REG_SBA and its neighbours. */
export const Command = {
  registerSba: 0x01,
  registerIeq: 0x02,
  readGid: 0x03,
  addVlan: 0x04,
  deleteVlan: 0x05,
  setVlanRequired: 0x06,
  resetVlanRequired: 0x07,
  queryInfo: 0x08,
  queryRemoteGid: 0x09,
  registerDmb: 0x0a,
  unregisterDmb: 0x0b,
  signalIeq: 0x0e,
  unregisterSba: 0x11,
  unregisterIeq: 0x12,
} as const;

/**
 * What a command is answered with. The kernel only tells 0 from everything else (and 0xffff, which stands for a function
 * that is gone), so the numbers above 0 are this lab's own; see differences.md.
 */
export const Answer = {
  done: 0x00,
  unknownCommand: 0x01,
  badLength: 0x02,
  badAddress: 0x03,
  alreadyRegistered: 0x04,
  notRegistered: 0x05,
  badIndex: 0x06,
  badVlan: 0x07,
  noSpace: 0x08,
  noSuchGid: 0x0c,
  noSuchToken: 0x0d,
} as const;

/** struct ism_req_hdr and ism_resp_hdr: command u32, answer u16 (0 in requests), length u16. */
export const headerLength = 8;

/** ISM_NR_DMBS: bits in the SBA, of which the first 32 are never given out (ISM_DMB_BIT_OFFSET). */
export const dmbBits = 1920;
export const firstDmbBit = 32;

/** vlan_id[64] of union ism_qi. */
export const mostVlans = 64;

/** Layout of struct ism_sba, which fills one page of the guest's memory. */
export const Sba = {
  summary: { at: 0n, bit: 0x80 },
  event: { at: 0n, bit: 0x40 },
  /** dmb_bits[]: bit 0 is the highest of the first byte. */
  bits: 4n,
  /** dmbe_mask[]: a u16 for each bit. */
  masks: 256n,
  length: 4096,
} as const;

/** Layout of struct ism_eq: a header of 32 bytes whose first u64 is an index, then 15 entries. */
export const Ieq = { entries: 32n, entryLength: 32n, count: 15, length: 32n + 15n * 32n } as const;

/** enum ism_event_type and the codes of enum ism_event_code that this fabric raises. */
export const EventType = { buffer: 0, device: 1, software: 2 } as const;
export const EventCode = { dmbUnregistered: 0x04, gidDisabled: 0x07, userDisabled: 0x08 } as const;

/** Where a store to BAR0 goes: ISM_CREATE_REQ(dmb, idx, sf, offset). */
export interface MoveTarget {
  /** Bits 47..32, as REG_DMB gave them. */
  readonly token: bigint;
  /** Which bit of the owner's mask a signal sets. */
  readonly index: number;
  readonly signal: boolean;
  /** Bytes into the buffer. */
  readonly offset: number;
}

export function moveTarget(address: bigint): MoveTarget {
  return {
    token: address & ~0xffff_ffffn,
    index: Number((address >> 24n) & 0xffn),
    signal: (address & 0x80_0000n) !== 0n,
    offset: Number(address & 0x7f_ffffn),
  };
}

/** Distance of the TOD clock's epoch, 1900, to that of Unix, in units of the clock (Principles of Operation, "TOD Clock"). */
const unixEpoch = 0x7d91_048b_ca00_0000n;

/** The TOD clock, whose bit 51 is a microsecond. */
export function todClock(milliseconds = Date.now()): bigint {
  return unixEpoch + BigInt(Math.round(milliseconds * 1000)) * 4096n;
}
