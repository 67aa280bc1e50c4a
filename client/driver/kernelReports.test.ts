import assert from 'node:assert/strict';
import type { KernelLogRecord } from '../../protocol/moduleOperations';
import { kernelReports } from './kernelReports';

/** Records 100 microseconds apart, from 1 s on. */
const log = (...lines: string[]): KernelLogRecord[] =>
  lines.map((text, i) => [i + 1, 1_000_000 + i * 100, 4, text]);

const warn = (cpu: number, line = 41): string[] => [
  '------------[ cut here ]------------',
  `WARNING: drivers/toy/main.c:${line} at toy_open+0x3e/0x90 [toy], CPU#${cpu}: reader/7${cpu}`,
  'Modules linked in: toy(OE)',
  'Krnl PSW : 0704c00180000000 000003ff80003042 (toy_open+0x42/0x90 [toy])',
  'Krnl Code: 0000: 07f4\\x0a           0004: af000000\\x09\\x09mc\\x090,0',
  'Call Trace:',
  ' [<000003ff80003042>] toy_open+0x42/0x90 [toy] ',
  '([<000003ff80003000>] toy_open+0x0/0x90 [toy])',
  ' [<0000000012345678>] vfs_open+0x10/0x20 ',
  '---[ end trace 0000000000000000 ]---',
];
const RULE = '='.repeat(66);

describe("reports in the kernel's log", () => {
  it('finds nothing in what is none', () =>
    assert.deepEqual(
      kernelReports(
        log('toy: loading out-of-tree module taints kernel.', 'pci: WARNING is no head', RULE, 'x'),
      ),
      [],
    ));

  it("reads a WARN with the file and line that the kernel says, and the module's frames", () => {
    const [report, ...more] = kernelReports(log('before', ...warn(0), 'after'));
    assert.deepEqual(more, []);
    assert.equal(report?.severity, 'warning');
    assert.deepEqual(report.place, { file: 'drivers/toy/main.c', line: 41 });
    assert.deepEqual(
      report.frames.map(({ symbol, offset, size, module }) => [symbol, offset, size, module]),
      [
        ['toy_open', 0x3e, 0x90, 'toy'],
        ['toy_open', 0x42, 0x90, 'toy'],
        ['toy_open', 0x42, 0x90, 'toy'],
        ['toy_open', 0, 0x90, 'toy'],
      ],
    );
    assert.deepEqual(
      report.frames.map(({ exact }) => exact),
      [true, false, false, false],
    );
    assert.ok(!report.lines.some((line) => /before|after|cut here|\\x/.test(line)), report.lines.join('\n'));
  });

  it('reads the heads of older kernels', () => {
    const old = warn(0).map((line) =>
      line.replace(/^WARNING: (\S+) at (.*), CPU.*/, 'WARNING: CPU: 0 PID: 70 at $1 $2'),
    );
    assert.deepEqual(kernelReports(log(...old))[0]?.place, { file: 'drivers/toy/main.c', line: 41 });
  });

  it('counts the same mistake once, however often it is reported, and others apart', () => {
    const reports = kernelReports(log(...warn(0), ...warn(1), ...warn(0, 55)));
    assert.deepEqual(
      reports.map(({ times, place }) => [times, place?.line]),
      [
        [2, 41],
        [1, 55],
      ],
    );
  });

  it('reads a report of KASAN up to its last rule, with where it was allocated and freed', () => {
    const [report, ...more] = kernelReports(
      log(
        RULE,
        'BUG: KASAN: slab-use-after-free in toy_read+0x1a/0x80 [toy]',
        'Read of size 8 at addr 0000000012345678 by task reader/70',
        '',
        'Call Trace:',
        ' [<0000000012345678>] kasan_report+0x10/0x20 ',
        ' [<000003ff80003042>] toy_read+0x1a/0x80 [toy] ',
        'Freed by task 70:',
        ' kfree+0x10/0x20',
        ' toy_drop+0x22/0x30 [toy]',
        'The buggy address belongs to the object at 0000000012345678',
        RULE,
        'Disabling lock debugging due to kernel taint',
      ),
    );
    assert.deepEqual(more, []);
    assert.equal(report?.severity, 'error');
    assert.match(report.title, /^BUG: KASAN/);
    assert.deepEqual(
      report.frames.map(({ symbol, section }) => [symbol, section]),
      [
        ['toy_read', ''],
        ['toy_read', ''],
        ['toy_drop', 'Freed by task 70'],
      ],
    );
    assert.ok(!report.lines.some((line) => /Disabling/.test(line)));
  });

  it('reads a report of lockdep as one', () => {
    const reports = kernelReports(
      log(
        '======================================================',
        'WARNING: possible circular locking dependency detected',
        '7.2.0 #1 Not tainted',
        '------------------------------------------------------',
        'reader/70 is trying to acquire lock:',
        '0000000012345678 (&a){+.+.}-{4:4}, at: toy_write+0x30/0x90 [toy]',
        'but task is already holding lock:',
        '0000000012345680 (&b){+.+.}-{4:4}, at: toy_write+0x22/0x90 [toy]',
        'stack backtrace:',
        'Call Trace:',
        ' [<000003ff80003042>] toy_write+0x30/0x90 [toy] ',
      ),
    );
    assert.deepEqual(
      reports.map(({ title, frames }) => [title, frames.length]),
      [['WARNING: possible circular locking dependency detected', 3]],
    );
  });

  it('takes a fault with its oops as one, and its address for that of the instruction', () => {
    const oops = (code: string): KernelLogRecord[] =>
      log(
        'Unable to handle kernel pointer dereference in virtual kernel address space',
        'Failing address: 0000000000000000 TEID: 0000000000000483',
        `Oops: ${code} ilc:3 [#1]SMP`,
        'Krnl PSW : 0704c00180000000 000003ff80003042 (toy_open+0x42/0x90 [toy])',
        'Call Trace:',
        ' [<000003ff80003042>] toy_open+0x42/0x90 [toy] ',
        '---[ end trace 0000000000000000 ]---',
      );
    const reports = kernelReports(oops('0004'));
    assert.deepEqual([reports.length, reports[0]?.severity], [1, 'error']);
    assert.deepEqual(
      reports[0]?.frames.map(({ exact }) => exact),
      [false, false],
    );
    assert.deepEqual(
      kernelReports(oops('0011'))[0]?.frames.map(({ exact }) => exact),
      [true, false],
    );
  });

  it('ends a report that has no end when nothing came for a while', () => {
    const records = log(
      'BUG: sleeping function called from invalid context at toy.c:3',
      ' toy_x+0x1/0x2 [toy]',
    );
    const later: KernelLogRecord = [9, 3_000_000, 6, 'something else'];
    assert.deepEqual(kernelReports([...records, later])[0]?.lines.length, 2);
  });
});
