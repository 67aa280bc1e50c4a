/**
 * The one description of the helper's requests: operations, their fields, and the words that answers use. The helper's
 * operation table (helper/operations/operation_rows.h) and docs/reference/helper-protocol.md are generated from it, the
 * types of helper.ts are compared with it by the compiler (at the end), and helper/test/protocol.test.ts sends what is just
 * outside of each field's bounds.
 */
import type { Operation, Operations } from './helper';
import { LIMITS, type LimitName } from './helperLimits';
import type { ScriptStep } from './runOperations';

export type FieldForm =
  /** A whole number. Without `max` any that JSON holds exactly. */
  | { readonly form: 'number'; readonly min: number; readonly max?: number }
  /** A 64-bit value: `0x` and 1 to 16 hex digits. */
  | { readonly form: 'hex64' }
  /** Hex digits, two a byte, in memory order. */
  | { readonly form: 'data'; readonly maxBytes: number }
  | { readonly form: 'boolean' }
  /** `of` says which texts. */
  | { readonly form: 'text'; readonly of: string }
  | { readonly form: 'list'; readonly of: string; readonly min?: number; readonly max?: number }
  | { readonly form: 'object'; readonly of: string };
export type Field = FieldForm & { readonly optional?: true };
export type Fields = Readonly<Record<string, Field>>;

export interface OperationDescription {
  readonly fields: Fields;
  /** What it does and returns, for the page. */
  readonly does: string;
  /** It touches no device, so it is carried out while a burst or script runs. */
  readonly whileRunning?: true;
  /** On the host it needs a login as root, not only the right to run the administrator's helper. */
  readonly needsRoot?: true;
}

const number = (min: number, max?: number): { form: 'number'; min: number; max?: number } =>
  max === undefined ? { form: 'number', min } : { form: 'number', min, max };
const hex64 = { form: 'hex64' } as const;
const data = (maxBytes: number): { form: 'data'; maxBytes: number } => ({ form: 'data', maxBytes });
const boolean = { form: 'boolean' } as const;
const text = (of: string): { form: 'text'; of: string } => ({ form: 'text', of });
const optional = <F extends FieldForm>(field: F): F & { readonly optional: true } => ({
  ...field,
  optional: true,
});

const address = text('the PCI address of an ISM function, `0051:00:00.0`');
const driver = text('the name of a driver, at most 64 characters');
const plan = text('the token of a plan');
const handle = number(0, LIMITS.maxDevices - 1);
const region = number(0, 0xffffffff);
const dmb = number(0, LIMITS.maxDevices * LIMITS.dmbsMax - 1);
const moduleName = text(`the name of a module, at most ${LIMITS.moduleNameMax} characters`);
const store = data(LIMITS.storeBlock);
const formerDriver = { form: 'object', of: '`driver` and `driverOverride`, each a text or null' } as const;

export const operations = {
  hello: { fields: {}, does: 'Names the protocol version, the build, the kernel and what it offers.' },
  ping: {
    fields: { silence: number(0, LIMITS.silenceMax) },
    does: `A sign of life. After \`silence\` seconds without input the helper ends; 0: never. 1 is refused: the shortest is ${LIMITS.silenceMin}.`,
    whileRunning: true,
  },
  list: {
    fields: {},
    does: 'Every ISM function (1014:04ed) with its zPCI attributes, driver and vfio state.',
  },
  describe: { fields: { address }, does: 'One function with its class, resources and util string.' },
  usage: {
    fields: { address },
    does: 'Who uses a function: SMC-D link groups, and processes that have its vfio device open.',
  },
  'plan-bind': {
    fields: {
      addresses: { form: 'list', of: 'PCI addresses of ISM functions', min: 1, max: LIMITS.plansMax },
      driver: optional(driver),
    },
    does: 'For each function: the writes that would bind it, those that undo them, warnings, and a token. Writes nothing.',
  },
  bind: {
    fields: { address, driver: optional(driver), force: optional(boolean), plan: optional(plan) },
    does: 'Binds a function to `driver`, by default `ism_vfio_pci`. Returns what was written and the former driver.',
  },
  'plan-restore': {
    fields: {
      functions: { form: 'list', of: 'objects with `address` and `former`?', min: 1, max: LIMITS.plansMax },
    },
    does: 'The same plan for `restore`.',
  },
  restore: {
    fields: { address, former: optional(formerDriver), plan: optional(plan) },
    does: 'Restores `former`, else what this session found when it bound the function, else no driver.',
  },
  watch: { fields: {}, does: 'Starts events about functions.' },
  unwatch: { fields: {}, does: 'Stops them.' },
  open: {
    fields: { address, api: optional(text('`cdev` or `group`')) },
    does: 'Opens the vfio device of a function.',
  },
  close: { fields: { handle }, does: 'Unregisters its buffers and closes it.' },
  regions: {
    fields: { handle },
    does: 'The answer of the driver for every index up to two past `numRegions`. `window` is the helper’s own.',
  },
  read: {
    fields: { handle, region, offset: hex64, length: number(1, LIMITS.readMax) },
    does: 'One `pread`.',
  },
  store: {
    fields: { handle, region, offset: hex64, data: store },
    does: 'One `pwrite`, never repeated: what it returned and how long it took.',
  },
  burst: {
    fields: {
      handle,
      region,
      offset: hex64,
      step: optional(hex64),
      data: optional(store),
      size: optional(number(0, LIMITS.storeBlock)),
      seed: optional(hex64),
      count: number(1, LIMITS.burstMax),
      stopOnError: optional(boolean),
    },
    does: 'Many stores of the same bytes, either `data` or `size` bytes made from `seed`. See Bursts.',
  },
  'script-load': {
    fields: { first: number(0, LIMITS.scriptMaxSteps), steps: { form: 'list', of: 'steps' } },
    does: 'Loads steps. `first` is how many are loaded already; 0 discards them. See Scripts.',
  },
  'script-run': {
    fields: { handle, steps: number(0, LIMITS.scriptMaxSteps) },
    does: 'Runs what is loaded. `steps` must be the number of loaded steps.',
  },
  gid: { fields: { handle }, does: 'The GID of the function (ISM_READ_GID).' },
  'dmb-register': {
    fields: { handle, size: number(LIMITS.dmbPage, LIMITS.dmbSizeMax), user: hex64 },
    does: 'Registers a buffer of whole pages that the function with the GID `user` may store into. See Buffers.',
  },
  'dmb-unregister': { fields: { dmb }, does: 'Unregisters a buffer.' },
  'dmb-read': {
    fields: { dmb, offset: number(0, LIMITS.dmbSizeMax), length: number(1, LIMITS.readMax) },
    does: 'Reads the memory of a buffer.',
    whileRunning: true,
  },
  'dmb-store': {
    fields: { dmb, handle, offset: hex64, data: store, waitMs: number(0, LIMITS.dmbWaitMaxMs) },
    does: 'One store to BAR0 of `handle`, then waits for the signal to `dmb`.',
  },
  stop: {
    fields: { request: number(0) },
    does: 'Ends the burst or script of the request with that id. Returns whether it was running.',
    whileRunning: true,
  },
  module: {
    fields: { name: moduleName },
    does: 'Whether a module is loaded or built in, what needs it, its PCI drivers and the functions bound to them.',
  },
  'module-remove': {
    fields: { name: moduleName },
    does: 'Removes a module (`delete_module`). Refused while it is in use.',
    needsRoot: true,
  },
  'module-data': {
    fields: { first: number(0, LIMITS.moduleImageMax), data: data(LIMITS.modulePieceMax) },
    does: 'Receives a piece of a module. `first` is how many bytes were sent before; 0 discards them.',
  },
  'module-insert': {
    fields: {
      name: moduleName,
      sha256: text('64 hex digits'),
      parameters: optional(text(`at most ${LIMITS.moduleParametersMax} bytes`)),
    },
    does: 'Loads the module that was sent (`init_module`) if its SHA-256 is `sha256`.',
    needsRoot: true,
  },
  'kernel-log': {
    fields: { from: optional(number(0)) },
    does: 'Records of the kernel log from the sequence number `from` on. See Modules.',
    needsRoot: true,
  },
} as const satisfies Readonly<Record<Operation, OperationDescription>>;

const error = optional(text('the failure that is expected, an errno name or `short`'));

/** The steps of a script by their `do`. */
export const scriptSteps = {
  store: { fields: { region, offset: hex64, data: store, error }, does: 'One `pwrite`.' },
  burst: {
    fields: {
      region,
      offset: hex64,
      data: store,
      count: number(1, LIMITS.burstMax),
      step: optional(hex64),
    },
    does: '`count` stores, up to the first that fails.',
  },
  read: {
    fields: { region, offset: hex64, length: number(1, LIMITS.readMax), error },
    does: 'One `pread`.',
  },
  expect: {
    fields: { data: store, mask: optional(store), at: optional(number(0, LIMITS.readMax)) },
    does: 'Compares the bytes of the last read from `at` on. Bits that are 0 in `mask` are ignored.',
  },
  sleep: { fields: { ns: number(0, LIMITS.scriptMaxSleepNs) }, does: 'Waits.' },
  repeat: { fields: { count: number(1, LIMITS.burstMax) }, does: 'Repeats what follows up to its `end`.' },
  end: { fields: {}, does: 'Ends a `repeat`.' },
} as const satisfies Readonly<Record<ScriptStep['do'], { readonly fields: Fields; readonly does: string }>>;

/** What each limit bounds. */
export const limitSentences: Readonly<Record<LimitName, string>> = {
  protocolVersion: 'Both ends must speak this version.',
  maxLine: 'Bytes of a line. A store of 4096 bytes needs 8192 digits; the rest is room.',
  maxDevices: 'Functions that one session has open.',
  silenceMin: 'Seconds: the shortest silence after which the helper may end (`ping`).',
  silenceMax: 'Seconds: the longest.',
  sessionEndSeconds: 'Seconds that unregistering and closing may take.',
  readerLimitMs: 'Milliseconds that the helper waits for a reader once its input has ended.',
  attrLimitMs: 'Milliseconds that the kernel may take for one sysfs attribute.',
  writeLimitMs: 'Milliseconds that the kernel may take for one write to sysfs.',
  plansMax: 'Functions in one `plan-bind` or `plan-restore`.',
  storeBlock: 'Bytes of one store, which must not cross a block of this size (drivers/vfio/pci/ism/main.c).',
  readMax: 'Bytes of one read.',
  burstMax: 'Stores of one burst, and rounds of one repeat.',
  histogramPairsMax: 'Buckets of latency in one answer.',
  scriptMaxSteps: 'Steps of a script.',
  scriptMaxBytes: 'Bytes of data of a script.',
  scriptMaxDepth: 'Repeats around a step.',
  scriptMaxTotal: 'Steps that a script carries out; each store of a burst counts as one.',
  scriptMaxSleepNs: 'Nanoseconds of one sleep.',
  dmbsMax: 'Buffers of one function.',
  dmbPage: 'Buffers are whole pages of this size.',
  dmbSizeMax: 'Bytes of one buffer.',
  dmbWaitMaxMs: 'Milliseconds that `dmb-store` waits for the signal.',
  modulePieceMax: 'Bytes in one `module-data`.',
  moduleImageMax: 'Bytes of a module.',
  moduleNameMax: 'Characters of a module name (MODULE_NAME_LEN is 64 less a pointer).',
  moduleParametersMax: 'Bytes of the parameters of a module.',
  moduleListMax: 'Holders, drivers and functions in each list of `module`.',
  moduleLimitMs: 'Milliseconds that loading or removing a module may take.',
  kernelLogRecordsMax: 'Records in one answer to `kernel-log`.',
  watchMax: 'Functions that change at once before the event is `overflow`.',
};

/** The codes of failures that are not the name of an errno. */
export const ownCodes = {
  'not-ism': 'The PCI function is not an ISM function.',
  'not-bound': 'The function is not bound to the driver that it needs.',
  'not-viable': 'The IOMMU group has functions that are bound to other drivers.',
  'in-use': 'Something uses the function or the module.',
  'plan-stale': 'The function has changed since the plan was made. Nothing was written.',
  running: 'A burst or script is running. The request was not carried out.',
  'answer-0xNNNN': 'The ISM function answered a command with this code and did not carry it out.',
  short: 'A store or read moved fewer bytes than requested (bursts and scripts).',
  bytes: 'The bytes that were read are not the expected ones (scripts).',
  none: 'No failure where the script expects one (scripts).',
} as const;

/** The codes of warnings in plans, beside those above. */
export const noteCodes = {
  driven: 'The driver `ism` has the function; no link group uses it now.',
  'group-shared': 'Another function of the IOMMU group has a driver that is not a vfio driver.',
  'already-bound': 'The function is bound to that driver already.',
  'already-restored': 'The function is in its former state already.',
} as const;

/* Compared with the types of requests: the same fields, the same ones optional, of a matching type. */
type Keys<T> = T extends unknown ? keyof T : never;
type RequiredKeys<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? never : K }[keyof T];
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type ValueOf<F> = F extends { form: 'number' }
  ? number
  : F extends { form: 'boolean' }
    ? boolean
    : F extends { form: 'list' }
      ? readonly unknown[]
      : F extends { form: 'object' }
        ? object
        : string;
type At<T, K> = T extends unknown ? (K extends keyof T ? Exclude<T[K], undefined> : never) : never;
type RequiredFields<F> = { [K in keyof F]: F[K] extends { optional: true } ? never : K }[keyof F];
type WrongValues<T, F> = { [K in keyof F]: At<T, K> extends ValueOf<F[K]> ? never : K }[keyof F];
type Matches<T, F> = [
  Same<Keys<T>, keyof F>,
  Same<RequiredKeys<T>, RequiredFields<F>>,
  [WrongValues<T, F>] extends [never] ? true : false,
] extends [true, true, true]
  ? true
  : false;
type Unlike<Types, Descriptions> = {
  [N in keyof Types & keyof Descriptions]: Descriptions[N] extends { fields: infer F }
    ? Matches<Types[N], F> extends true
      ? never
      : N
    : N;
}[keyof Types & keyof Descriptions];
type Params = { [O in Operation]: Operations[O]['params'] };
type Steps = { [D in ScriptStep['do']]: Omit<Extract<ScriptStep, { do: D }>, 'do'> };

/** A compile error here names the operations or steps whose description differs from their type. */
export const described: [Unlike<Params, typeof operations>, Unlike<Steps, typeof scriptSteps>] extends [
  never,
  never,
]
  ? true
  : [Unlike<Params, typeof operations>, Unlike<Steps, typeof scriptSteps>] = true;
