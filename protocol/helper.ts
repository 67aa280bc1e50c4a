/**
 * The messages between the client and the helper (the native program on the s390 host), typed once for both ends.
 *
 * Transport: JSON lines over one SSH exec channel. The client sends {@link Request}s, the helper answers each with one
 * {@link Reply} that carries the same id. Offsets, sizes and other 64-bit values travel as hex strings with a leading
 * `0x` because a JSON number cannot hold them; data travels as hex digits without a prefix, in memory order.
 * helper/protocol.md describes the same for readers of the C side.
 */
import * as v from 'valibot';
import { DmbEvent, dmbSchemas, type DmbOperations } from './helperDmb';
import { moduleSchemas, type ModuleOperations } from './moduleOperations';

/** Both ends must speak the same version; the helper's hello carries its own. */
export const HELPER_PROTOCOL_VERSION = 4;

/** The longest line either end accepts, in bytes. A store of 4096 bytes needs 8192 digits; the rest is room. */
export const MAX_LINE_BYTES = 65536;

/** The PCI function's address as sysfs spells it, for example `0051:00:00.0`. */
export const PciAddress = v.pipe(v.string(), v.regex(/^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/));

const Hex64 = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,16}$/));
const HexData = v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/));
/** What an s390 host says is short; anything longer is not one of our messages. */
const Text = v.pipe(v.string(), v.maxLength(1024));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const NullableText = v.nullable(Text);

/** Answer to `hello`, the first message of a session. */
export const Hello = v.object({
  protocol: Count,
  /** SHA-256 prefix of the sources the helper was built from. */
  build: Text,
  kernel: Text,
  machine: Text,
  /**
   * The drivers that a function can be bound to, the usual one first. Missing from helpers of protocol 1, whose version
   * must still be read so that it can be told.
   */
  drivers: v.optional(v.array(Text), []),
  /** Effective user id: 0 may bind, others need access to the vfio nodes. */
  uid: Count,
  /** Which vfio interfaces the kernel offers: device files with iommufd, groups with containers. */
  vfio: v.object({ cdev: v.boolean(), group: v.boolean() }),
});
export type Hello = v.InferOutput<typeof Hello>;

/** How far a function is on its way to being usable through vfio. */
export const VfioState = v.picklist(['unbound', 'no-access', 'ready', 'open']);
export type VfioState = v.InferOutput<typeof VfioState>;

/** One ISM PCI function as sysfs describes it; attributes are the kernel's own strings, null where it has none. */
export const IsmFunction = v.object({
  address: PciAddress,
  vendor: Text,
  device: Text,
  fid: NullableText,
  uid: NullableText,
  pchid: NullableText,
  pfgid: NullableText,
  pft: NullableText,
  vfn: NullableText,
  port: NullableText,
  mioEnabled: NullableText,
  uidIsUnique: NullableText,
  iommuGroup: NullableText,
  driver: NullableText,
  driverOverride: NullableText,
  vfio: v.object({
    state: VfioState,
    /** The device file or group file that open() would use, null while unbound. */
    node: NullableText,
  }),
});
export type IsmFunction = v.InferOutput<typeof IsmFunction>;

export const FunctionList = v.object({ functions: v.array(IsmFunction) });
export type FunctionList = v.InferOutput<typeof FunctionList>;

/** A PCI resource of a function: addresses in hex as the kernel's `resource` file prints them. */
export const Description = v.object({
  function: IsmFunction,
  class: NullableText,
  revision: NullableText,
  subsystem: NullableText,
  /** 64 bytes, usually EBCDIC, as hex; null when the kernel has none or it is all zero. */
  utilString: v.nullable(HexData),
  resources: v.array(v.object({ index: Count, start: Hex64, end: Hex64, flags: Hex64 })),
});
export type Description = v.InferOutput<typeof Description>;

/** What was there before a bind, enough to bring it back after the helper and the client are gone. */
export const FormerDriver = v.object({ driver: NullableText, driverOverride: NullableText });
export type FormerDriver = v.InferOutput<typeof FormerDriver>;

/** Whether something uses a function. What cannot be known is `unknown`, never `free`. */
export const UseState = v.picklist(['free', 'in-use', 'unknown']);
export type UseState = v.InferOutput<typeof UseState>;

/** Answer to `usage`: who uses a function. */
export const Usage = v.object({
  address: PciAddress,
  state: UseState,
  /** SMC-D, as the kernel's SMC tells by generic netlink. */
  smc: v.object({
    state: UseState,
    /** Link groups over the function; they linger for ten minutes after their last connection. */
    linkGroups: v.nullable(Count),
    /** Connections now; null when the kernel did not tell them all. */
    connections: v.nullable(Count),
    /** Link groups without a connection; null likewise. */
    lingering: v.nullable(Count),
    /** Why it is unknown. */
    why: NullableText,
  }),
  /** The vfio device: which processes have it open, as far as this user may see them. */
  vfio: v.object({
    state: UseState,
    holders: v.array(v.object({ pid: Count, comm: Text, here: v.boolean() })),
    /** Processes whose open files could not be seen. */
    unseen: Count,
    why: NullableText,
  }),
});
export type Usage = v.InferOutput<typeof Usage>;

/** One write to sysfs; an empty value stands for a lone newline, which clears an override. */
export const SysfsWrite = v.object({ path: Text, value: Text });
export type SysfsWrite = v.InferOutput<typeof SysfsWrite>;

/** `note` is worth knowing, `force` is refused unless it is forced, `refuse` cannot be done as things are. */
export const WarningLevel = v.picklist(['note', 'force', 'refuse']);
export type WarningLevel = v.InferOutput<typeof WarningLevel>;

/** What binding one function would do; nothing of it has been done. */
export const PlannedBind = v.object({
  address: PciAddress,
  driver: Text,
  present: FormerDriver,
  /** In order; empty when the function is bound as asked. */
  writes: v.array(SysfsWrite),
  /** What undoes all of `writes`. After a failure only those are made that are needed. */
  rollback: v.array(SysfsWrite),
  warnings: v.array(v.object({ level: WarningLevel, code: Text, message: Text })),
  /** The level of the gravest warning. */
  gravest: WarningLevel,
  usage: Usage,
  /** For `bind`, which refuses when the function is not in this state any more. */
  plan: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
});
export type PlannedBind = v.InferOutput<typeof PlannedBind>;

export const BindPlan = v.object({ plans: v.array(PlannedBind) });
export type BindPlan = v.InferOutput<typeof BindPlan>;

export const Watching = v.object({ watching: v.boolean() });
export type Watching = v.InferOutput<typeof Watching>;

export const BindResult = v.object({
  address: PciAddress,
  driver: NullableText,
  former: FormerDriver,
  /** Every sysfs write in order, for example `driver_override = ism_vfio_pci`. */
  steps: v.array(Text),
});
export type BindResult = v.InferOutput<typeof BindResult>;

/** zPCI facts from VFIO_DEVICE_GET_INFO's capability chain (include/uapi/linux/vfio_zdev.h). */
export const ZpciInfo = v.object({
  startDma: v.optional(Hex64),
  endDma: v.optional(Hex64),
  pchid: v.optional(Count),
  vfn: v.optional(Count),
  pft: v.optional(Count),
  gid: v.optional(Count),
  functionHandle: v.optional(Hex64),
  maxstbl: v.optional(Count),
  imaxstbl: v.optional(Count),
});
export type ZpciInfo = v.InferOutput<typeof ZpciInfo>;

export const OpenResult = v.object({
  handle: Count,
  api: v.picklist(['cdev', 'group']),
  numRegions: Count,
  numIrqs: Count,
  flags: Count,
  zpci: ZpciInfo,
});
export type OpenResult = v.InferOutput<typeof OpenResult>;

/** The driver's answer for one region index: either the region or the errno it refused with. */
export const RegionAnswer = v.union([
  v.object({ index: Count, error: Text, message: Text }),
  v.object({ index: Count, flags: Count, size: Hex64, offset: Hex64 }),
]);
export type RegionAnswer = v.InferOutput<typeof RegionAnswer>;
export type Region = Extract<RegionAnswer, { size: string }>;

export const RegionList = v.object({ numRegions: Count, regions: v.array(RegionAnswer) });
export type RegionList = v.InferOutput<typeof RegionList>;

export const ReadResult = v.object({ data: HexData, count: Count, requested: Count });
export type ReadResult = v.InferOutput<typeof ReadResult>;

/** `count` is what pwrite returned; less than `requested` is a failure even though the kernel did not say so. */
export const StoreResult = v.object({ count: Count, requested: Count, durationNs: Count });
export type StoreResult = v.InferOutput<typeof StoreResult>;

/** Why a burst ended: all stores were sent, one failed, `stop` was asked for, or the helper's input ended. */
export const BurstEnd = v.picklist(['count', 'error', 'stop', 'input']);
export type BurstEnd = v.InferOutput<typeof BurstEnd>;

/** Answer to `burst`. `sent` counts the pwrites that were made, whatever became of them; none was made twice. */
export const BurstResult = v.object({
  ended: BurstEnd,
  requested: Count,
  sent: Count,
  succeeded: Count,
  /** Refused by the kernel, or shorter than asked for. */
  failed: Count,
  bytes: Count,
  durationNs: Count,
  storesPerSecond: v.pipe(v.number(), v.minValue(0)),
  /** The first failure; `code` is an errno's name, or `short`. */
  firstError: v.nullable(v.object({ index: Count, offset: Hex64, code: Text, message: Text })),
  /** Of the stores that succeeded, null when none did. Percentiles are at most 0.8 % too large; min and max are exact. */
  latencyNs: v.nullable(
    v.object({
      min: Count,
      p50: Count,
      p90: Count,
      p99: Count,
      p999: Count,
      max: Count,
      /** How many neighbouring buckets became one, so that the answer stays short. */
      merged: v.picklist([1, 2, 4]),
      /** The least duration that belongs to a bucket, and how many stores it has. */
      buckets: v.pipe(v.array(v.tuple([Count, Count])), v.maxLength(2000)),
    }),
  ),
});
export type BurstResult = v.InferOutput<typeof BurstResult>;

/**
 * One step of a script, as `script-load` takes it. Offsets are hex strings, data and mask hex digits in memory order.
 * `error` is the failure that is expected, an errno's name or `short`.
 */
export type ScriptStep =
  | { do: 'store'; region: number; offset: string; data: string; error?: string }
  | {
      do: 'burst';
      region: number;
      offset: string;
      data: string;
      count: number;
      step?: string;
    }
  | { do: 'read'; region: number; offset: string; length: number; error?: string }
  /** `at` is an offset in what was read last; bits that are 0 in `mask` may be anything. */
  | { do: 'expect'; data: string; mask?: string; at?: number }
  | { do: 'sleep'; ns: number }
  | { do: 'repeat'; count: number }
  | { do: 'end' };

/** What a script may cost; the helper enforces the same (helper/script.h). */
export const SCRIPT_LIMITS = {
  steps: 10_000,
  bytes: 4 << 20,
  depth: 8,
  /** Steps in all when it runs, each store of a burst being one. */
  total: 10_000_000,
  /** Rounds of one repeat. */
  rounds: 1_000_000,
  sleepNs: 60_000_000_000,
} as const;

export const ScriptLoaded = v.object({ loaded: Count });
export type ScriptLoaded = v.InferOutput<typeof ScriptLoaded>;

/** Why a script ended; `refused` comes before its first store. */
export const ScriptEnd = v.picklist(['done', 'failed', 'refused', 'stop', 'input']);
export type ScriptEnd = v.InferOutput<typeof ScriptEnd>;

/** Answer to `script-run`. `sent` counts pwrites, as in {@link BurstResult}. */
export const ScriptResult = v.object({
  ended: ScriptEnd,
  /** Steps that were carried out, each store of a burst being one; `repeat` and `end` are none. */
  steps: Count,
  reads: Count,
  sent: Count,
  succeeded: Count,
  failed: Count,
  bytes: Count,
  durationNs: Count,
  /**
   * Where it ended: with `failed` the step that failed, which was carried out; with `stop` the one that would have been
   * next, or a burst of which `sent` stores were made. `rounds` are those of the repeats around it, from 0, outermost first.
   */
  at: v.nullable(v.object({ step: Count, rounds: v.pipe(v.array(Count), v.maxLength(8)), sent: Count })),
  /** `code`: an errno's name, `short`, `none` (no failure where one was expected) or `bytes` with those that were read. */
  failure: v.nullable(
    v.object({
      code: Text,
      message: Text,
      rule: v.optional(Text),
      actual: v.optional(v.pipe(HexData, v.maxLength(8192))),
    }),
  ),
});
export type ScriptResult = v.InferOutput<typeof ScriptResult>;

/** Whether the burst or script of that request was running. */
export const Stopped = v.object({ stopped: v.boolean() });
export type Stopped = v.InferOutput<typeof Stopped>;

/** N stores of the same bytes: as they are, or as many as `size` made from `seed`. */
export type BurstParams = {
  handle: number;
  region: number;
  offset: string;
  /** How far each store is from the one before; 0 unless told. */
  step?: string;
  /** 1 to {@link MAX_BURST}. */
  count: number;
  /** True unless told. With false the stores after a failed one are sent all the same. */
  stopOnError?: boolean;
} & ({ data: string } | { size: number; seed: string });

/** The most stores of one burst. */
export const MAX_BURST = 1_000_000;

export const Closed = v.object({ closed: v.boolean() });
export type Closed = v.InferOutput<typeof Closed>;

/** Operations: the parameters the client sends and the schema of what comes back. */
export interface Operations extends DmbOperations, ModuleOperations {
  hello: { params: Record<never, never>; result: Hello };
  list: { params: Record<never, never>; result: FunctionList };
  describe: { params: { address: string }; result: Description };
  watch: { params: Record<never, never>; result: Watching };
  unwatch: { params: Record<never, never>; result: Watching };
  usage: { params: { address: string }; result: Usage };
  'plan-bind': { params: { addresses: string[]; driver?: string }; result: BindPlan };
  bind: { params: { address: string; driver?: string; force?: boolean; plan?: string }; result: BindResult };
  restore: { params: { address: string; former?: FormerDriver }; result: BindResult };
  open: { params: { address: string; api?: 'cdev' | 'group' }; result: OpenResult };
  close: { params: { handle: number }; result: Closed };
  regions: { params: { handle: number }; result: RegionList };
  read: { params: { handle: number; region: number; offset: string; length: number }; result: ReadResult };
  store: { params: { handle: number; region: number; offset: string; data: string }; result: StoreResult };
  burst: { params: BurstParams; result: BurstResult };
  'script-load': { params: { first: number; steps: readonly ScriptStep[] }; result: ScriptLoaded };
  'script-run': { params: { handle: number; steps: number }; result: ScriptResult };
  stop: { params: { request: number }; result: Stopped };
}
export type Operation = keyof Operations;

/** Result schemas by operation, so that nothing a host says is believed unread. */
export const resultSchemas: { [O in Operation]: v.GenericSchema<unknown, Operations[O]['result']> } = {
  hello: Hello,
  list: FunctionList,
  describe: Description,
  watch: Watching,
  unwatch: Watching,
  usage: Usage,
  'plan-bind': BindPlan,
  bind: BindResult,
  restore: BindResult,
  open: OpenResult,
  close: Closed,
  regions: RegionList,
  read: ReadResult,
  store: StoreResult,
  burst: BurstResult,
  'script-load': ScriptLoaded,
  'script-run': ScriptResult,
  stop: Stopped,
  ...dmbSchemas,
  ...moduleSchemas,
};

/**
 * Rules that the helper enforces before it touches the device; the client's pre-flight names the same ones.
 * The limits come from drivers/vfio/pci/ism/main.c (length, 4 KiB block) and from its clipping of counts at the end.
 */
export const StoreRule = v.picklist([
  'store-empty',
  'store-too-long',
  'store-crosses-page',
  'store-past-end',
  'store-clipped',
  'store-region-not-writable',
]);
export type StoreRule = v.InferOutput<typeof StoreRule>;

/** A refusal or failure: `code` is an errno's name or the helper's own word, `rule` the rule that was broken. */
export const Failure = v.object({ code: Text, message: Text, rule: v.optional(Text) });
export type Failure = v.InferOutput<typeof Failure>;

/**
 * What the helper writes unasked. `ready` is the first line when it was started with --announce. While it watches,
 * `function` names an ISM function of which the kernel said something, and `overflow` says that the kernel's messages
 * were too many to be read, so that any function may have changed. `dmb` tells of a signal to a buffer.
 */
export const Event = v.variant('event', [
  v.object({ event: v.literal('ready') }),
  v.object({
    event: v.literal('function'),
    action: v.picklist(['add', 'remove', 'change', 'bind', 'unbind']),
    address: PciAddress,
  }),
  v.object({ event: v.literal('overflow') }),
  DmbEvent,
]);
export type Event = v.InferOutput<typeof Event>;
/** Events of newer helpers are passed over. */
export const AnyEvent = v.object({ event: Text });
export const READY_EVENT = 'ready';

/** What the helper writes as an answer to a request. An id of null answers a line that had no readable id. */
export const Reply = v.union([
  v.object({ id: v.nullable(Count), error: Failure }),
  v.object({ id: Count, result: v.unknown() }),
]);
export type Reply = v.InferOutput<typeof Reply>;

/** What the client writes. */
export type Request<O extends Operation = Operation> = { id: number; op: O } & Operations[O]['params'];
