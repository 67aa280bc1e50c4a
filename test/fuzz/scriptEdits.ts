/** Random edits on a store script: whatever the text, it is read without a crash, and what is said of it fits it. */
import assert from 'node:assert/strict';
import { check, isRunnable } from '../../storescript/checker';
import { compile, pieces } from '../../storescript/compile';
import { storesSent } from '../../storescript/progress';
import { edited, seeded } from './edits';

/** One of everything. */
export const SAMPLE = `# stores of all kinds
device 0051:00:00.0
let sink = token:0x100000000 + 2<<24
let size = 64

test "bytes"
  store bar0 sink + 0x10 hex 0011 2233_44 0x55
  expect error EINVAL
  store bar0 (1 << 24) | 0x40 text "a\\n\\"\\x00 # é"
  store bar2 0 u16be 1, 0x203, size
  store bar2 8 u32le 4294967295
  store bar0 4K counter size from 254
test "loops"
  device fid 0x61
  repeat 3
    burst 1000 bar0 sink random 64 seed 7 step 0x1000
    repeat 2
      sleep 10us
      store bar0 256T - 8 u64le 0xffff_ffff_ffff_ffff
    end
  end
  read bar2 0 16
  expect hex 00 .. 1. 0.
  expect at 8 counter 8
`;

const typed = [
  ...[
    'store ',
    'burst 10 ',
    'read ',
    'expect ',
    'expect error ',
    'sleep ',
    'repeat ',
    'end',
    'let ',
    'test ',
    'device ',
  ],
  ...[
    'bar0 ',
    'bar2 ',
    'rom ',
    'fid ',
    'hex ',
    'text ',
    'u8 ',
    'u64be ',
    'counter ',
    'random ',
    'seed ',
    'from ',
    'step ',
    'at ',
  ],
  ...[
    '0x',
    '0',
    '9',
    'f',
    'ff',
    '.',
    ',',
    '"',
    '\\',
    '#',
    '(',
    ')',
    '+',
    '-',
    '<<',
    '|',
    '*',
    '_',
    '=',
    'K',
    'T',
    'ms',
    's',
  ],
  ...[
    'token:',
    'sink',
    'size',
    'nobody',
    '18446744073709551615',
    '99999999999999999999999',
    '0x1_0',
    'EIO',
    'short',
  ],
  ...[
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\r',
    '\n\n',
    '\0',
    '\u00a0',
    '\u2028',
    '\ufeff',
    'é',
    '\ud800',
    '😀',
    '  repeat 2\n',
    '\nend\n',
  ],
  ...['constructor', '__proto__', 'toString'],
];

/**
 * @param edits how many, each upon the one before; now and then the text is as it was
 * @returns how many texts could be run, and the longest time for one, in milliseconds
 * @throws an AssertionError or whatever the language throws, with the text
 */
export function fuzzScripts(
  edits: number,
  seed: number,
): { readonly runnable: number; readonly slowest: number } {
  const random = seeded(seed);
  let text = SAMPLE;
  let runnable = 0;
  let slowest = 0;
  for (let count = 0; count < edits; count++) {
    text = count % 25 === 0 ? SAMPLE : edited(text, SAMPLE, random, typed);
    const start = performance.now();
    try {
      if (judge(text)) runnable++;
    } catch (error) {
      throw new Error(`edit ${count} of seed ${seed}: ${JSON.stringify(text)}`, { cause: error });
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  return { runnable, slowest };
}

/** @returns whether the text could be run */
function judge(text: string): boolean {
  const script = check(text);
  const lines = new Map<number, string>();
  for (const { start, end, message, code, severity, fix } of script.diagnostics) {
    assert.ok(0 <= start && start < end && end <= text.length, `${code} at ${start} to ${end}`);
    assert.match(message, /^\S[\s\S]*[.?]$/);
    for (const edit of fix?.edits ?? [])
      assert.ok(0 <= edit.start && edit.start <= edit.end && edit.end <= text.length);
    // A line has one mistake at most: what follows from it is not told.
    const line = text.lastIndexOf('\n', start) + 1;
    if (severity !== 'error') continue;
    assert.ok(!lines.has(line), `${lines.get(line)} and ${code} in the line at ${line}`);
    lines.set(line, code);
  }
  if (!isRunnable(script)) return false;
  for (const test of script.tests) {
    const { steps } = compile(test);
    assert.equal(
      pieces(steps).reduce((sum, piece) => sum + piece.steps.length, 0),
      steps.length,
    );
    const sent = storesSent(steps, { ended: 'done', at: null, failure: null });
    assert.equal(
      sent.reduce((sum, each) => sum + each.sent, 0),
      test.stores,
    );
  }
  return true;
}
