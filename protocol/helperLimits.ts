/**
 * The limits that the helper enforces, by name; helperDescription.ts has a sentence for each. helper/base/protocol_limits.h
 * is generated from them (`storeBlock` is STORE_BLOCK there), and so is their table in docs/reference/helper-protocol.md.
 * Numbers alone, so that the client's first bundle stays small.
 */
export const LIMITS = {
  protocolVersion: 5,
  maxLine: 65_536,
  maxDevices: 64,
  silenceMin: 2,
  silenceMax: 3600,
  sessionEndSeconds: 5,
  readerLimitMs: 4000,
  attrLimitMs: 1000,
  writeLimitMs: 5000,
  plansMax: 64,
  storeBlock: 4096,
  readMax: 4096,
  burstMax: 1_000_000,
  histogramPairsMax: 2000,
  scriptMaxSteps: 10_000,
  scriptMaxBytes: 4_194_304,
  scriptMaxDepth: 8,
  scriptMaxTotal: 10_000_000,
  scriptMaxSleepNs: 60_000_000_000,
  dmbsMax: 4,
  dmbPage: 4096,
  dmbSizeMax: 65_536,
  dmbWaitMaxMs: 5000,
  modulePieceMax: 30_000,
  moduleImageMax: 33_554_432,
  moduleNameMax: 55,
  moduleParametersMax: 1024,
  moduleListMax: 64,
  moduleLimitMs: 15_000,
  kernelLogRecordsMax: 400,
  watchMax: 256,
} as const;

export type LimitName = keyof typeof LIMITS;
