/** The helper's operations on modules (query, remove, load) and on the kernel log. */
import * as v from 'valibot';
import { Count, Text } from './fields';
import { LIMITS } from './helperLimits';

const List = v.pipe(v.array(Text), v.maxLength(LIMITS.moduleListMax));

/** The state of a module in /sys/module; names as the kernel spells them, `ism_vfio_pci`. */
export const ModuleState = v.object({
  name: Text,
  loaded: v.boolean(),
  /** Part of the kernel, so it cannot be replaced. */
  builtIn: v.boolean(),
  /** `live`, `coming` or `going`; empty when it is not loaded. */
  state: Text,
  references: Count,
  /** Modules that need it. */
  holders: List,
  /** Its PCI drivers, and the functions that are bound to each. */
  drivers: v.pipe(v.array(v.object({ name: Text, functions: List })), v.maxLength(LIMITS.moduleListMax)),
});
export type ModuleState = v.InferOutput<typeof ModuleState>;

export const ModuleReceived = v.object({ received: Count });

/** Bytes that one `module-data` may bring. */
export const MODULE_PIECE = LIMITS.modulePieceMax;

/** A record of the kernel's log: sequence number, microseconds since boot, level (0 to 7), text. */
export const KernelLogRecord = v.tuple([Count, Count, Count, Text]);
export type KernelLogRecord = v.InferOutput<typeof KernelLogRecord>;

export const KernelLog = v.object({
  records: v.pipe(v.array(KernelLogRecord), v.maxLength(LIMITS.kernelLogRecordsMax)),
  /** The sequence number from which to read on. */
  next: Count,
  /** There are more records from `next` on. */
  more: v.boolean(),
  /** Records that the kernel has overwritten already. */
  lost: Count,
});
export type KernelLog = v.InferOutput<typeof KernelLog>;

/** Spread into `Operations` of helper.ts. */
export interface ModuleOperations {
  module: { params: { name: string }; result: ModuleState };
  /** Refused while a function is bound to the module or it is in use. */
  'module-remove': { params: { name: string }; result: ModuleState };
  /** A piece of a module's file as hex digits; `first` is how many bytes were sent before; 0 discards them. */
  'module-data': { params: { first: number; data: string }; result: v.InferOutput<typeof ModuleReceived> };
  /** Loads what was sent, when its SHA-256 is the given one. */
  'module-insert': { params: { name: string; sha256: string; parameters?: string }; result: ModuleState };
  /** Without `from` no records, and `next` is where the log ends. */
  'kernel-log': { params: { from?: number }; result: KernelLog };
}

/** Spread into `resultSchemas` of helper.ts. */
export const moduleSchemas = {
  module: ModuleState,
  'module-remove': ModuleState,
  'module-data': ModuleReceived,
  'module-insert': ModuleState,
  'kernel-log': KernelLog,
};
