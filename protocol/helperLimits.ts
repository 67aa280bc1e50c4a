/**
 * The limits that the helper enforces, by name. helper/base/protocol_limits.h is generated from them (`storeBlock` is
 * STORE_BLOCK there), and so is their table in docs/reference/helper-protocol.md. No schema is imported here, so that the
 * client's first bundle stays small.
 */

/** A limit and the sentence about it in the header and on the page. */
const LIMIT_TABLE = {
  protocolVersion: [5, 'Both ends must speak this version.'],
  maxLine: [65_536, 'Bytes of a line. A store of 4096 bytes needs 8192 digits; the rest is room.'],
  maxDevices: [64, 'Functions that one session has open.'],
  silenceMin: [2, 'Seconds: the shortest silence after which the helper may end (`ping`).'],
  silenceMax: [3600, 'Seconds: the longest.'],
  sessionEndSeconds: [5, 'Seconds that unregistering and closing may take.'],
  readerLimitMs: [4000, 'Milliseconds that the helper waits for a reader once its input has ended.'],
  attrLimitMs: [1000, 'Milliseconds that the kernel may take for one sysfs attribute.'],
  writeLimitMs: [5000, 'Milliseconds that the kernel may take for one write to sysfs.'],
  plansMax: [64, 'Functions in one `plan-bind` or `plan-restore`.'],
  storeBlock: [
    4096,
    'Bytes of one store, which must not cross a block of this size (drivers/vfio/pci/ism/main.c).',
  ],
  readMax: [4096, 'Bytes of one read.'],
  burstMax: [1_000_000, 'Stores of one burst, and rounds of one repeat.'],
  histogramPairsMax: [2000, 'Buckets of latency in one answer.'],
  scriptMaxSteps: [10_000, 'Steps of a script.'],
  scriptMaxBytes: [4_194_304, 'Bytes of data of a script.'],
  scriptMaxDepth: [8, 'Repeats around a step.'],
  scriptMaxTotal: [10_000_000, 'Steps that a script carries out; each store of a burst counts as one.'],
  scriptMaxSleepNs: [60_000_000_000, 'Nanoseconds of one sleep.'],
  dmbsMax: [4, 'Buffers of one function.'],
  dmbPage: [4096, 'Buffers are whole pages of this size.'],
  dmbSizeMax: [65_536, 'Bytes of one buffer.'],
  dmbWaitMaxMs: [5000, 'Milliseconds that `dmb-store` waits for the signal.'],
  modulePieceMax: [30_000, 'Bytes in one `module-data`.'],
  moduleImageMax: [33_554_432, 'Bytes of a module.'],
  moduleNameMax: [55, 'Characters of a module name (MODULE_NAME_LEN is 64 less a pointer).'],
  moduleParametersMax: [1024, 'Bytes of the parameters of a module.'],
  moduleListMax: [64, 'Holders, drivers and functions in each list of `module`.'],
  moduleLimitMs: [15_000, 'Milliseconds that loading or removing a module may take.'],
  kernelLogRecordsMax: [400, 'Records in one answer to `kernel-log`.'],
  watchMax: [256, 'Functions that change at once before the event is `overflow`.'],
} as const;

export type LimitName = keyof typeof LIMIT_TABLE;

export const LIMIT_ROWS = Object.entries(LIMIT_TABLE) as readonly (readonly [
  LimitName,
  readonly [number, string],
])[];

/** The values alone. */
export const LIMITS = Object.fromEntries(LIMIT_ROWS.map(([name, [value]]) => [name, value])) as {
  readonly [N in LimitName]: (typeof LIMIT_TABLE)[N][0];
};
