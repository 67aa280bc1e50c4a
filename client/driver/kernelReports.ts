/**
 * Warnings, oopses and the reports of KASAN, UBSAN and lockdep in the kernel's log, as s390 writes them
 * (arch/s390/kernel/dumpstack.c, mm/kasan/report.c, kernel/locking/lockdep.c). Pure.
 */
import type { KernelLogRecord } from '../../protocol/moduleOperations';

/** A place in a module as the kernel prints it: `function+0x12/0x34 [module]`. */
export interface Frame {
  readonly symbol: string;
  readonly offset: number;
  readonly size: number;
  readonly module: string;
  /** What it stands below, `Freed by task 71`, empty at the top. */
  readonly section: string;
  /** The address is that of the instruction itself, not of the one behind it. */
  readonly exact: boolean;
}

export interface KernelReport {
  readonly severity: 'error' | 'warning';
  readonly title: string;
  readonly lines: readonly string[];
  /** Of all modules, in the order of the report. */
  readonly frames: readonly Frame[];
  /** `main.c:123` where the kernel says so itself, as WARN does. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
  /** How often the same was reported; lines and frames are those of the first time. */
  readonly times: number;
}

const CUT = /^-+\[ cut here \]-+$/;
const RULE = /^={20,}$/;
const END = /^---\[ end trace/;
const HEADS: readonly (readonly [pattern: RegExp, severity: KernelReport['severity']])[] = [
  [/^WARNING: /, 'warning'],
  [/^(BUG|kernel BUG)\b/, 'error'],
  [/^Unable to handle kernel /, 'error'],
  [/^UBSAN: /, 'error'],
  [
    /^INFO: (task .* blocked|.*rcu.* detected|.*self-detected stall|trying to register non-static key)/,
    'warning',
  ],
  [/^Oops\b/, 'error'],
  // A program check that is no page fault: "specification exception: 0006 ilc:3 [#1]".
  [/^[a-z][a-z -]*: [0-9a-f]{4} ilc:\d/, 'error'],
  [/^Kernel panic/, 'error'],
];
/** A title without the processor it names and what follows, up to " at ". */
function withoutProcessor(title: string): string {
  const start = title.search(/,? ?CPU(?:#|: )\d/);
  if (start < 0) return title;
  const end = title.indexOf(' at ', start);
  return title.slice(0, start) + (end < 0 ? '' : title.slice(end));
}

/** Bounded, since a host may print anything: names of the kernel have at most 512 characters (KSYM_NAME_LEN). */
const FRAME =
  /\b([A-Za-z_][\w.$]{0,511})\+0x([0-9a-f]{1,16})\/0x([0-9a-f]{1,16})(?: \[([\w-]{1,64})(?:[^\]\w-][^\]]{0,128})?\])?/g;
const SECTION =
  /^((?:Call Trace|Allocated by|Freed by|Last potentially|Second to last|Workqueue|stack backtrace)[^:]*):/;
/** Translation exceptions leave the address of the instruction; other program checks that of the next (z/Architecture, chapter 6). */
const AT_INSTRUCTION = /: 00(10|11|38|39|3a|3b) ilc:/;
/** A WARN's head that starts with the file has the address of the trap, before the one of what follows it (kernel/panic.c). */
const AT_WARNING = /^WARNING: \S+:\d+ at /;
/** Nothing of one report comes so much later than the rest, in microseconds. */
const GAP_US = 500_000;
const LINES_MAX = 300;

interface Draft {
  severity: KernelReport['severity'] | undefined;
  title: string;
  lines: string[];
  hasFrames: boolean;
  last: number;
}

/** @param records of the kernel's log, in order */
export function kernelReports(records: readonly KernelLogRecord[]): KernelReport[] {
  const drafts: Draft[] = [];
  let open: Draft | undefined;
  const start = (us: number): Draft => {
    const draft: Draft = { severity: undefined, title: '', lines: [], hasFrames: false, last: us };
    drafts.push(draft);
    return draft;
  };
  for (const [, us, , whole] of records)
    for (const text of unescaped(whole).split('\n')) {
      if (open && (us - open.last > GAP_US || open.lines.length >= LINES_MAX)) open = undefined;
      if (CUT.test(text) || (RULE.test(text) && (!open || open.hasFrames))) {
        // KASAN draws a line below its report as well.
        open = open && RULE.test(text) ? undefined : start(us);
        continue;
      }
      const head = HEADS.find(([pattern]) => pattern.test(text));
      if (head && (!open || open.hasFrames)) open = start(us);
      if (!open) continue;
      open.last = us;
      if (head && open.severity === undefined) {
        open.severity = head[1];
        open.title = text;
      } else if (head?.[1] === 'error') open.severity = 'error';
      open.lines.push(text);
      if (open.title !== text && /\+0x[0-9a-f]+\/0x/.test(text)) open.hasFrames = true;
      if (END.test(text)) open = undefined;
    }
  const reports = new Map<string, KernelReport>();
  for (const { severity, title, lines } of drafts) {
    if (severity === undefined) continue;
    const frames = framesOf(lines);
    const first = frames[0];
    // The same mistake on another processor, or in another process.
    const key = [
      withoutProcessor(title).replace(/\b(pid|PID|task)[ :]{1,4}\d+/g, ''),
      first ? `${first.symbol}+${first.offset}` : '',
    ].join('\0');
    const before = reports.get(key);
    reports.set(
      key,
      before
        ? { ...before, times: before.times + 1 }
        : { severity, title, lines, frames, place: placeIn(title), times: 1 },
    );
  }
  return [...reports.values()];
}

/** /dev/kmsg writes bytes that cannot be printed, and the backslash, as \\xNN. */
function unescaped(text: string): string {
  return text.replace(/\\x(09|0a|5c)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

function framesOf(lines: readonly string[]): Frame[] {
  const frames: Frame[] = [];
  const nullified = lines.some((line) => AT_INSTRUCTION.test(line));
  let section = '';
  for (const line of lines) {
    const heading = SECTION.exec(line)?.[1];
    if (heading !== undefined) section = heading === 'Call Trace' ? '' : heading;
    for (const [, symbol = '', offset = '', size = '', module = ''] of line.matchAll(FRAME))
      if (module)
        frames.push({
          ...{ symbol, offset: parseInt(offset, 16), size: parseInt(size, 16), module, section },
          exact: (nullified && /^Krnl PSW/.test(line)) || AT_WARNING.test(line),
        });
  }
  return frames;
}

/** `WARNING: drivers/x/main.c:12 at f+0x1/0x2 [m]`, in older kernels `... at drivers/x/main.c:12 f+0x1/0x2 [m]`. */
function placeIn(title: string): KernelReport['place'] {
  const found = /(?:^WARNING: |^UBSAN: .* in | at )(\S+\.[chS]):(\d+)/.exec(title);
  return found?.[1] === undefined ? undefined : { file: found[1], line: Number(found[2]) };
}
