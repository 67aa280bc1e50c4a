import assert from 'node:assert/strict';
import { check, isRunnable } from './checker';
import { compile, pieces } from './compile';
import type { DiagnosticCode, TextEdit } from './diagnostic';

/** The text with the edits made, the last place first. */
function edited(text: string, edits: readonly TextEdit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((changed, { start, end, text: put }) => changed.slice(0, start) + put + changed.slice(end), text);
}

const head = 'device 0051:00:00.0\n';
/** What is wrong with some lines below a device, without what is worth knowing only. */
const mistakes = (lines: string) =>
  check(head + lines).diagnostics.filter(({ severity }) => severity !== 'hint');

describe('a store script', () => {
  it('in which nothing is wrong becomes steps', () => {
    const script = check(
      [
        '# a comment',
        'device fid 0x61 # another',
        'let sink = token:0x100000000 + 2<<24',
        'let n = 4\r',
        '',
        'test "all of it # is here"',
        '\tstore bar0 sink + 0x10 hex 0011 22,33 0x44_55',
        '  expect error EINVAL',
        '  repeat 3',
        '    burst 1000 bar0 (1 << 24) | 0x40 random 16 seed 7 step 4K',
        '    sleep 10ms',
        '  end',
        '  read bar2 n * 2 16',
        '  expect hex 00 .. 1.',
        '  expect at 8 text "a\\n\\"\\x00"',
        'test "numbers"',
        '  device 0052:00:00.0',
        '  store bar2 0 u16be 1, 0x203,n',
        '  store bar2 8 u32le 1',
        '  store bar2 8 counter 4 from 254',
      ].join('\n'),
    );
    assert.deepEqual(
      script.diagnostics.filter(({ severity }) => severity !== 'hint'),
      [],
    );
    assert.ok(isRunnable(script));
    assert.deepEqual(
      script.tests.map(({ name, device, stores, line }) => [name, device, stores, line]),
      [
        ['all of it # is here', { by: 'fid', value: '0x61' }, 3001, 5],
        ['numbers', { by: 'address', value: '0052:00:00.0' }, 3, 15],
      ],
    );
    const [first, second] = script.tests.map(compile);
    assert.deepEqual(first?.steps, [
      { do: 'store', region: 0, offset: '0x102000010', data: '001122334455', error: 'EINVAL' },
      { do: 'repeat', count: 3 },
      {
        ...{ do: 'burst', region: 0, offset: '0x1000040', count: 1000, step: '0x1000' },
        data: '63cbe1e459320dd7044c3cd7f43c661c',
      },
      { do: 'sleep', ns: 10_000_000 },
      { do: 'end' },
      { do: 'read', region: 2, offset: '0x8', length: 16 },
      { do: 'expect', data: '000010', mask: 'ff00f0' },
      { do: 'expect', data: '610a2200', at: 8 },
    ]);
    assert.deepEqual(first?.lines, [6, 8, 9, 10, 11, 12, 13, 14]);
    assert.deepEqual(first?.errorLines[0], 7);
    assert.deepEqual(
      second?.steps.map((step) => 'data' in step && step.data),
      ['000102030004', '01000000', 'feff0001'],
    );
  });

  /** Lines; the code; the marked text; the lines after the fix, undefined where nothing is obvious. */
  const wrong: [string, DiagnosticCode, string, string?][] = [
    ['stroe bar0 0 hex 00', 'unknown-statement', 'stroe', 'store bar0 0 hex 00'],
    ['STORE bar0 0 hex 00', 'unknown-statement', 'STORE', 'store bar0 0 hex 00'],
    ['poke 1 2 3', 'unknown-statement', 'poke'],
    ['"quoted"', 'unknown-statement', '"quoted"'],
    ['store', 'missing-operand', 'store'],
    ['store bar0', 'missing-operand', 'bar0'],
    ['store bar0 0x0', 'missing-operand', '0x0'],
    ['store bar0 0x0 0011', 'missing-operand', '0011', 'store bar0 0x0 hex 0011'],
    ['store bar0 hex 00', 'missing-operand', 'bar0'],
    ['store bar0 0 hex', 'missing-operand', 'hex'],
    ['store bar9 0 hex 00', 'bad-region', 'bar9'],
    ['store BAR0 0 hex 00', 'bad-region', 'BAR0', 'store bar0 0 hex 00'],
    ['store bar0 0 hax 00', 'bad-data', 'hax', 'store bar0 0 hex 00'],
    ['store bar0 0 "ab"', 'bad-data', '"ab"', 'store bar0 0 text "ab"'],
    ['store bar0 0 text ab', 'bad-text', 'ab', 'store bar0 0 text "ab"'],
    ['store bar0 0 text "ab', 'bad-text', '"ab', 'store bar0 0 text "ab"'],
    ['store bar0 0 text "a\\q"', 'bad-text', '\\q', 'store bar0 0 text "a\\\\q"'],
    ['store bar0 0 text ""', 'store-empty', '""'],
    ['store bar0 0 hex 0g', 'bad-hex', '0g'],
    ['store bar0 0 hex 001', 'bad-hex', '001'],
    ['store bar0 0 hex 1 02', 'bad-hex', '1', 'store bar0 0 hex 01 02'],
    ['store bar0 0 hex 0.', 'bad-hex', '0.'],
    ['store bar0 0 u32 1', 'no-byte-order', 'u32', 'store bar0 0 u32be 1'],
    ['store bar0 0 u8 256', 'out-of-range', '256'],
    ['store bar0 0 u8 ff', 'bad-number', 'ff', 'store bar0 0 u8 0xff'],
    ['store bar0 0 u8 ,', 'bad-number', ','],
    ['store bar0 0 u8 1,,2', 'bad-number', ','],
    ['store bar0 0 u8 1, 2,', 'bad-number', ','],
    ['store bar0 0 u8 ,1', 'bad-number', ','],
    ['store bar0 0 counter', 'missing-operand', 'counter'],
    ['store bar0 0 counter 5000', 'out-of-range', '5000'],
    ['store bar0 0 counter 8 from 256', 'out-of-range', '256'],
    ['store bar0 0 random 8', 'missing-operand', '8', 'store bar0 0 random 8 seed 1'],
    ['store bar0 0 hex 00 step 8', 'unexpected-operand', 'step 8', 'store bar0 0 hex 00'],
    ['store bar0 ff hex 00', 'bad-offset', 'ff', 'store bar0 0xff hex 00'],
    ['store bar0 1 + + 2 hex 00', 'bad-offset', '1 + + 2'],
    ['let sink = 8\nstore bar0 snk hex 00', 'bad-offset', 'snk', 'let sink = 8\nstore bar0 sink hex 00'],
    ['store bar0 nothing hex 00', 'bad-offset', 'nothing'],
    [
      'store bar0 0xffe hex 00112233',
      'store-crosses-page',
      '0xffe hex 00112233',
      'store bar0 0xffe hex 0011\nstore bar0 0x1000 hex 2233',
    ],
    ['store bar0 1 counter 4096', 'store-crosses-page', '1 counter 4096'],
    ['store bar0 256T hex 00', 'store-past-end', '256T hex 00'],
    ['store bar0 256T - 1 hex 0000', 'store-clipped', '256T - 1 hex 0000'],
    ['store rom 0 hex 00', 'store-region-not-writable', 'rom'],
    [`store bar0 0 hex ${'00'.repeat(4097)}`, 'store-too-long', `hex ${'00'.repeat(4097)}`],
    ['burst 0 bar0 0 hex 00', 'out-of-range', '0'],
    ['burst 10 bar0 0 hex 00 step', 'missing-operand', 'step'],
    ['burst 3 bar0 0xff0 counter 8 step 6', 'store-crosses-page', '0xff0 counter 8'],
    ['read bar2 16', 'missing-operand', '16'],
    ['read bar2 0 4097', 'out-of-range', '4097'],
    ['read bar2 0 8\nexpect hex 00112233 44556677 88', 'expect-past-read', 'hex 00112233 44556677 88'],
    ['read bar2 0 8\nexpect at 4096 hex 00', 'out-of-range', '4096'],
    ['expect hex 00', 'expect-nothing', 'expect hex 00'],
    ['expect error EIO', 'expect-nothing', 'expect error EIO'],
    ['burst 2 bar0 0 hex 00\nexpect error EIO', 'expect-nothing', 'expect error EIO'],
    ['read bar2 0 8\nexpect error EIO\nexpect hex 00', 'expect-nothing', 'expect hex 00'],
    [
      'store bar0 0 hex 00\nexpect error EINVALID',
      'bad-error',
      'EINVALID',
      'store bar0 0 hex 00\nexpect error EINVAL',
    ],
    ['store bar0 0 hex 00\nexpect error', 'missing-operand', 'error'],
    ['sleep', 'missing-operand', 'sleep'],
    ['sleep 10', 'bad-time', '10', 'sleep 10ms'],
    ['sleep long', 'bad-time', 'long'],
    ['sleep 61s', 'out-of-range', '61s'],
    ['repeat\nsleep 1ms\nend', 'missing-operand', 'repeat'],
    ['repeat 2000000\nsleep 1ms\nend', 'out-of-range', '2000000'],
    ['  repeat 2\n    sleep 1ms', 'missing-end', 'repeat 2', '  repeat 2\n    sleep 1ms\n  end'],
    ['repaet 2\nsleep 1ms\nend', 'unknown-statement', 'repaet', 'repeat 2\nsleep 1ms\nend'],
    ['sleep 1ms\nend', 'extra-end', 'end', 'sleep 1ms\n'],
    ['repeat 2\nsleep 1ms\nend 2', 'unexpected-operand', '2', 'repeat 2\nsleep 1ms\nend'],
    ['repeat 2\nend', 'empty-block', 'repeat 2'],
    ['test "a"', 'empty-block', 'test "a"'],
    ['test a\nsleep 1ms', 'bad-text', 'a', 'test "a"\nsleep 1ms'],
    ['test ""\nsleep 1ms', 'bad-text', '""'],
    ['test "a"\nsleep 1ms\ntest "a"\nsleep 1ms', 'duplicate-test', 'test "a"'],
    ['device 0052:00:00.0\nsleep 1ms', 'misplaced-device', 'device 0052:00:00.0', 'sleep 1ms'],
    ['sleep 1ms\ndevice 0052:00:00.0', 'misplaced-device', 'device 0052:00:00.0', 'sleep 1ms\n'],
    ['test "a"\ndevice 52:00.0\nsleep 1ms', 'bad-address', '52:00.0', undefined],
    [
      'test "a"\ndevice 00:00.0\nsleep 1ms',
      'bad-address',
      '00:00.0',
      'test "a"\ndevice 0000:00:00.0\nsleep 1ms',
    ],
    ['test "a"\ndevice fid 61\nsleep 1ms', 'bad-address', '61', 'test "a"\ndevice fid 0x61\nsleep 1ms'],
    ['let a=1', 'bad-name', 'a=1', 'let a = 1'],
    ['let 1a = 1', 'bad-name', '1a'],
    ['let hex = 1', 'bad-name', 'hex'],
    ['let a 1', 'missing-operand', 'a', 'let a = 1'],
    ['let a = ', 'missing-operand', '='],
    ['let a = 1\nlet a = 2', 'duplicate-name', 'a'],
    ['repeat 1000000\nrepeat 11\nsleep 1us\nend\nend', 'too-much', 'repeat 11'],
    ['repeat 1000\nburst 1000000 bar0 0 hex 00\nend', 'too-much', 'burst 1000000 bar0 0 hex 00'],
    [`${'repeat 1\n'.repeat(9)}sleep 1ms\n${'end\n'.repeat(9)}`, 'nested-too-deep', 'repeat 1'],
    ['store bar0 0 hex 00\u00a0', 'bad-hex', '00\u00a0'],
  ];
  for (const [lines, code, marked, fixed] of wrong)
    it(`has one diagnostic for ${JSON.stringify(lines.slice(0, 60))}: ${code}`, () => {
      const text = head + lines;
      const [found, ...more] = mistakes(lines);
      assert.deepEqual(more, [], JSON.stringify(more));
      assert.ok(found, 'nothing was found');
      assert.deepEqual([found.code, text.slice(found.start, found.end)], [code, marked], found.message);
      assert.match(found.message, /^\S.*[.?]$/s);
      if (fixed !== undefined || found.fix) {
        const after = found.fix && edited(text, found.fix.edits);
        if (fixed === undefined) assert.deepEqual(mistakes((after ?? '').slice(head.length)), [], after);
        else {
          assert.equal(after, head + fixed);
          assert.deepEqual(
            check(after).diagnostics.filter(({ severity }) => severity === 'error'),
            [],
          );
        }
      }
    });

  it('reports a missing device once', () => {
    const { diagnostics, tests } = check('test "a"\nsleep 1ms\ntest "b"\nsleep 1ms');
    assert.deepEqual(
      diagnostics.map(({ code, severity }) => [code, severity]),
      [['no-device', 'warning']],
    );
    assert.equal(tests.length, 2);
  });

  it('that is not aligned is worth a hint', () => {
    const [hint] = check(`${head}store bar0 0x3 hex 00`).diagnostics;
    assert.deepEqual([hint?.code, hint?.severity], ['alignment', 'hint']);
  });

  it('is loaded in pieces that fit into a line', () => {
    const steps = Array.from(
      { length: 40 },
      () => ({ do: 'store', region: 0, offset: '0x0', data: '00'.repeat(4096) }) as const,
    );
    const parts = pieces(steps);
    assert.ok(parts.every((part) => JSON.stringify({ id: 1e9, op: 'script-load', ...part }).length < 65536));
    assert.deepEqual(
      parts.flatMap((part) => part.steps),
      steps,
    );
    assert.deepEqual(parts.map(({ first }) => first).slice(0, 3), [0, 7, 14]);
  });
});
