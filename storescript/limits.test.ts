import assert from 'node:assert/strict';
import { check } from './checker';
import { parseOffset } from './values/offsetExpression';

const head = 'device 0051:00:00.0\n';
const codes = (text: string): string[] => check(text).diagnostics.map(({ code }) => code);
const times = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('');

/** The same as of test/source/growth: how much more four times the size takes than four times the size should. */
function growth(text: (size: number) => string, size: number): number {
  const took = (count: number): number => {
    const script = text(count);
    const start = performance.now();
    check(script);
    return performance.now() - start;
  };
  const noise = 20;
  return Math.min(...[1, 2, 3].map(() => (took(size * 4) + noise) / (took(size) * 4 + noise)));
}

describe('limits of store scripts', function () {
  this.timeout(60_000);

  it('bound an offset before it is read', () => {
    for (const deep of [33, 2000, 20_000]) {
      const read = parseOffset(`${'('.repeat(deep)}1${')'.repeat(deep)}`);
      assert.equal(read.ok, false);
      assert.match(read.why, /at most 1000 characters|more than 32 deep/);
      assert.deepEqual(codes(`let a = ${'('.repeat(deep)}1${')'.repeat(deep)}\n`), ['bad-offset']);
    }
    assert.deepEqual(parseOffset(`${'('.repeat(32)}1${')'.repeat(32)}`), { ok: true, value: 1n });
    assert.ok(codes(`let a = 1${'+1'.repeat(100_000)}\n`).includes('too-much'));
  });

  it('bound a line, but not a comment', () => {
    assert.deepEqual(codes(`${head}store bar0 0 hex ${'00 '.repeat(100_000)}\n`), ['too-much']);
    assert.deepEqual(codes(`${head}# ${'x'.repeat(200_000)}\nstore bar0 0 u64be 1\n`), []);
    assert.deepEqual(codes(`${head}store bar0 0 hex ${'00 '.repeat(4096)}\n`), []);
  });

  it('cap the reported mistakes and the generated data', () => {
    const wrong = check(head + times(10_000, (at) => `store bar0 nothing${at} hex 00\n`)).diagnostics;
    assert.equal(wrong.length, 201);
    assert.match(wrong.at(-1)?.message ?? '', /200 lines are wrong\. Correct these first/);
    const much = check(head + times(100_000, (at) => `store bar0 0 random 4096 seed ${at}\n`)).diagnostics;
    assert.ok(much.some(({ message }) => message.includes('at most 16 MiB of data')));
  });

  const stages: [string, (size: number) => string][] = [
    [
      'names that build on each other',
      (size) => times(size, (at) => `let a${at} = ${at > 0 ? `a${at - 1}` : 1}\n`),
    ],
    ['tests', (size) => head + times(size, (at) => `test "t${at}"\n  read config 0 8\n`)],
    ['repeats', (size) => head + 'repeat 2\n'.repeat(size) + 'end\n'.repeat(size)],
    ['unknown names', (size) => times(size, (at) => `let a${at} = b${at}\n`)],
    ['bursts', (size) => head + times(size, (at) => `burst 1000 bar0 ${at} hex 00 step 4095\n`)],
    ['blanks', (size) => `${head}store bar0 ${'\t'.repeat(size)}0 hex 00\n`.repeat(3)],
  ];
  for (const [name, text] of stages)
    it(`cost in proportion to the text: ${name}`, () => {
      const worst = growth(text, 4000);
      assert.ok(worst < 2.6, `${worst.toFixed(1)}`);
    });

  it('keep every name of twenty thousand that build on each other', () => {
    const { names, diagnostics } = check(
      times(20_000, (at) => `let a${at} = ${at > 0 ? `a${at - 1}` : 7}\n`),
    );
    assert.deepEqual([diagnostics.length, names.get('a19999')], [0, 7n]);
  });
});
