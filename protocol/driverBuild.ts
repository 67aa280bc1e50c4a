/**
 * What is needed to build a driver against the kernel of a host: a JSON file that `npm run lab` writes for its guests, and
 * that people write for hosts of their own (README, Try my driver). The extension knows labs and hosts by it alone.
 */
import * as v from 'valibot';

export const DRIVER_BUILD_VERSION = 1;

/** The file's name beside a lab's ssh_config. */
export const DRIVER_BUILD_FILE = 'driver-build.json';

const Path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const Word = v.pipe(v.string(), v.minLength(1), v.maxLength(4096), v.regex(/^[^\0\n]*$/));

/** A driver that this description knows more of than its sources say. */
export const DescribedDriver = v.strictObject({
  /** The module's name as its Makefile spells it, `ism-vfio-pci`. */
  module: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,55}$/)),
  /** Added to ccflags-y of its Makefile in the build's own copy, as `-include FILE`. */
  flags: v.optional(v.array(Word), []),
  /** The module that the host runs now, a file on this machine: loaded again when the new one does not load. */
  running: v.optional(Path),
});
export type DescribedDriver = v.InferOutput<typeof DescribedDriver>;

export const DriverBuild = v.strictObject({
  version: v.literal(DRIVER_BUILD_VERSION),
  /** What `uname -r` says on the host. Nothing is loaded where it says something else. */
  kernel: Word,
  /** For `make -C`: the configured kernel, or its headers. */
  build: Path,
  make: v.optional(Path, 'make'),
  /** Of make, such as ARCH=s390 and CROSS_COMPILE=s390x-linux-gnu-. */
  arguments: v.optional(v.array(Word), []),
  /** Added to the environment of all programs that are started. */
  environment: v.optional(v.record(Word, v.string()), {}),
  /** Names or paths of binutils for the host's machine: they find the lines that the kernel's log speaks of. */
  objdump: v.optional(Path, 's390x-linux-gnu-objdump'),
  addr2line: v.optional(Path, 's390x-linux-gnu-addr2line'),
  strip: v.optional(Path, 's390x-linux-gnu-strip'),
  drivers: v.optional(v.array(DescribedDriver), []),
  /** The host is a lab on this machine: one question is enough for all steps. */
  lab: v.optional(v.boolean(), false),
});
export type DriverBuild = v.InferOutput<typeof DriverBuild>;
