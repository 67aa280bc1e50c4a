/**
 * The messages between the client and the helper (the native program on the s390 host), typed once for both ends.
 *
 * Transport: JSON lines over one SSH exec channel. The client sends {@link Request}s, the helper answers each with one
 * {@link Reply} that carries the same id. Offsets, sizes and other 64-bit values travel as hex strings with a leading
 * `0x` because a JSON number cannot hold them; data travels as hex digits without a prefix, in memory order.
 * docs/reference/helper-protocol.md describes the same; ./helperDescription.ts has the fields of requests.
 */
import * as v from 'valibot';
import { Count, Hex64, HexData, NullableText, PciAddress, Text } from './fields';
import { DmbEvent, dmbSchemas, type DmbOperations } from './helperDmb';
import { LIMITS } from './helperLimits';
import { moduleSchemas, type ModuleOperations } from './moduleOperations';
import { runSchemas, type RunOperations } from './runOperations';

/** Both ends must speak the same version; the helper's hello carries its own. */
export const HELPER_PROTOCOL_VERSION = LIMITS.protocolVersion;

/** The longest line either end accepts, in bytes. A store of 4096 bytes needs 8192 digits; the rest is room. */
export const MAX_LINE_BYTES = LIMITS.maxLine;

/** Answer to `hello`, the first message of a session. */
export const Hello = v.object({
  protocol: Count,
  /** SHA-256 prefix of the sources the helper was built from. */
  build: Text,
  kernel: Text,
  machine: Text,
  /**
   * The drivers that a function can be bound to, the usual one first. Missing from helpers of protocol 1, whose version
   * must still be readable, so that the mismatch can be reported.
   */
  drivers: v.optional(v.array(Text), []),
  /** Effective user id: 0 may bind, others need access to the vfio nodes. */
  uid: Count,
  /** Which vfio interfaces the kernel offers: device files with iommufd, groups with containers. */
  vfio: v.object({ cdev: v.boolean(), group: v.boolean() }),
});
export type Hello = v.InferOutput<typeof Hello>;

/**
 * How far a function is on its way to being usable through vfio. `no-node`: it is bound, and the host lacks a file that
 * opening takes: the function's own, or the container or iommufd.
 */
export const VfioState = v.picklist(['unbound', 'no-node', 'no-access', 'ready', 'open']);
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
  /** Attributes that are null because the kernel did not answer in time, as while it unbinds the function. */
  unread: v.array(Text),
  /**
   * A change of the driver: `running`, or cut off `halfway`, as by a helper that was killed: then driver_override names
   * another driver than the one that has the function.
   */
  change: v.picklist(['none', 'running', 'halfway']),
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

/** Whether something uses a function. Unknown use is `unknown`, never `free`. */
export const UseState = v.picklist(['free', 'in-use', 'unknown']);
export type UseState = v.InferOutput<typeof UseState>;

/** Answer to `usage`: who uses a function. */
export const Usage = v.object({
  address: PciAddress,
  state: UseState,
  /** SMC-D, from the generic netlink family of SMC. */
  smc: v.object({
    state: UseState,
    /** Link groups over the function; they linger for ten minutes after their last connection. */
    linkGroups: v.nullable(Count),
    /** Connections now; null when the kernel did not list them all. */
    connections: v.nullable(Count),
    /** Link groups without connections; null likewise. */
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

/** `note` is worth knowing, `force` is refused unless it is forced, `refuse` cannot be done now. */
export const WarningLevel = v.picklist(['note', 'force', 'refuse']);
export type WarningLevel = v.InferOutput<typeof WarningLevel>;

/** What binding one function, or restoring its former driver, would do; nothing of it has been done. */
export const PlannedBind = v.object({
  address: PciAddress,
  /** Null only where a function is restored to none. */
  driver: NullableText,
  present: FormerDriver,
  /** In order; empty when the function is bound as asked. */
  writes: v.array(SysfsWrite),
  /** What undoes all of `writes`. After a failure only those are made that are needed. */
  rollback: v.array(SysfsWrite),
  warnings: v.array(v.object({ level: WarningLevel, code: Text, message: Text })),
  /** The level of the gravest warning. */
  gravest: WarningLevel,
  usage: Usage,
  /** For `bind` or `restore`, which refuses when the state of the function has changed. */
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
  /** The driver that had the function when it was opened; empty where the kernel named none. */
  driver: Text,
  api: v.picklist(['cdev', 'group']),
  numRegions: Count,
  numIrqs: Count,
  flags: Count,
  zpci: ZpciInfo,
});
export type OpenResult = v.InferOutput<typeof OpenResult>;

/**
 * The driver's answer for one region index: either the region or the errno it refused with. `window` is the helper's: how
 * far an offset may reach before the position in the device's file means something else than this region. It may be less
 * than the size: vfio-pci's regions are 1 << 40 apart, and BAR0 has 1 << 48 bytes.
 */
export const RegionAnswer = v.union([
  v.object({ index: Count, error: Text, message: Text }),
  v.object({ index: Count, flags: Count, size: Hex64, offset: Hex64, window: Hex64 }),
]);
export type RegionAnswer = v.InferOutput<typeof RegionAnswer>;
export type Region = Extract<RegionAnswer, { size: string }>;

export const RegionList = v.object({ numRegions: Count, regions: v.array(RegionAnswer) });
export type RegionList = v.InferOutput<typeof RegionList>;

export const ReadResult = v.object({ data: HexData, count: Count, requested: Count });
export type ReadResult = v.InferOutput<typeof ReadResult>;

/** `count` is what pwrite returned; less than `requested` is a failure although the kernel reported none. */
export const StoreResult = v.object({ count: Count, requested: Count, durationNs: Count });
export type StoreResult = v.InferOutput<typeof StoreResult>;

/**
 * Answer to `ping`: after so many seconds without input the helper regards the link as lost, unregisters everything and
 * ends; 0 if it never does.
 */
export const Silence = v.object({ silence: Count });
export type Silence = v.InferOutput<typeof Silence>;

/**
 * How long the link may be silent, in seconds: what OpenSSH's usual ServerAliveInterval of 15 and ServerAliveCountMax of 3
 * come to, after which this end gives the link up as well.
 */
export const LINK_SILENCE_SECONDS = 45;

export const Closed = v.object({ closed: v.boolean() });
export type Closed = v.InferOutput<typeof Closed>;

/** Operations: the parameters the client sends and the schema of what comes back. */
export interface Operations extends DmbOperations, ModuleOperations, RunOperations {
  hello: { params: Record<never, never>; result: Hello };
  /** A sign of life, allowed at any time; `silence` is how long there may be none, in seconds (2 to 3600), 0 for ever. */
  ping: { params: { silence: number }; result: Silence };
  list: { params: Record<never, never>; result: FunctionList };
  describe: { params: { address: string }; result: Description };
  watch: { params: Record<never, never>; result: Watching };
  unwatch: { params: Record<never, never>; result: Watching };
  usage: { params: { address: string }; result: Usage };
  'plan-bind': { params: { addresses: string[]; driver?: string }; result: BindPlan };
  bind: { params: { address: string; driver?: string; force?: boolean; plan?: string }; result: BindResult };
  'plan-restore': {
    params: { functions: { address: string; former?: FormerDriver }[] };
    result: BindPlan;
  };
  restore: { params: { address: string; former?: FormerDriver; plan?: string }; result: BindResult };
  open: { params: { address: string; api?: 'cdev' | 'group' }; result: OpenResult };
  close: { params: { handle: number }; result: Closed };
  regions: { params: { handle: number }; result: RegionList };
  read: { params: { handle: number; region: number; offset: string; length: number }; result: ReadResult };
  store: { params: { handle: number; region: number; offset: string; data: string }; result: StoreResult };
}
export type Operation = keyof Operations;

/** Result schemas by operation, so that every answer of a host is checked. */
export const resultSchemas: { [O in Operation]: v.GenericSchema<unknown, Operations[O]['result']> } = {
  hello: Hello,
  ping: Silence,
  list: FunctionList,
  describe: Description,
  watch: Watching,
  unwatch: Watching,
  usage: Usage,
  'plan-bind': BindPlan,
  bind: BindResult,
  'plan-restore': BindPlan,
  restore: BindResult,
  open: OpenResult,
  close: Closed,
  regions: RegionList,
  read: ReadResult,
  store: StoreResult,
  ...dmbSchemas,
  ...moduleSchemas,
  ...runSchemas,
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
  'store-past-window',
  'store-needs-ism-driver',
]);

/** The driver that makes one PCISTB of one pwrite, and the one that splits it; as sysfs has their names. */
export const ISM_DRIVER = 'ism_vfio_pci';
export const PLAIN_DRIVER = 'vfio-pci';

export type StoreRule = v.InferOutput<typeof StoreRule>;

/** A refusal or failure: `code` is an errno's name or the helper's own word, `rule` the rule that was broken. */
export const Failure = v.object({ code: Text, message: Text, rule: v.optional(Text) });
export type Failure = v.InferOutput<typeof Failure>;

/**
 * Events, which the helper writes without a request. `ready` is the first line when it was started with --announce. While it watches,
 * `function` names an ISM function of which the kernel reported an event, and `overflow` means that messages of the kernel
 * were lost, so that any function may have changed. `dmb` reports a signal to a buffer.
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

export const FailedReply = v.object({ id: v.nullable(Count), error: Failure });
export const ResultReply = v.object({ id: Count, result: v.unknown() });
/** What the helper writes as an answer to a request. An id of null answers a line that had no readable id. */
export const Reply = v.union([FailedReply, ResultReply]);
export type Reply = v.InferOutput<typeof Reply>;

/** What the client writes. */
export type Request<O extends Operation = Operation> = { id: number; op: O } & Operations[O]['params'];
