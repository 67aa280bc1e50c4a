/** Scripts of the native helper, built with sanitizers, on a file in place of a device; see burstProbe.c. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import type { Reply } from '../../protocol/helper';
import { ScriptResult, type ScriptStep } from '../../protocol/runOperations';
import { openSetup } from '../../setup/context';
import { buildHelperProbe } from '../build';
import { ProbeHelper, type Probe } from './probeHelper';
import { failureOf, resultOf } from './spawnHelper';

const store = (offset: string, data: string, error?: string): ScriptStep => ({
  ...{ do: 'store' as const, region: 0, offset, data },
  ...(error ? { error } : {}),
});
const read = (offset: string, length: number): ScriptStep => ({ do: 'read', region: 0, offset, length });
const repeat = (count: number, ...steps: ScriptStep[]): ScriptStep[] => [
  { do: 'repeat', count },
  ...steps,
  { do: 'end' },
];

describe('a script in the helper', () => {
  let probe: Probe;
  let folder: string;
  let file: string;
  before(async function () {
    this.timeout(120_000);
    probe = await buildHelperProbe(openSetup({ say: () => undefined }), process.cwd(), 'burstProbe');
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-script-'));
    file = path.join(folder, 'device');
    writeFileSync(file, '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Loads and runs; the answer to `script-run`. */
  async function answer(steps: readonly object[], ...args: string[]): Promise<Reply> {
    const helper = new ProbeHelper(probe, args.length ? args : [file, '4096']);
    helper.say({ id: 1, op: 'script-load', first: 0, steps });
    assert.deepEqual(await helper.next(), { id: 1, result: { loaded: steps.length } });
    helper.say({ id: 2, op: 'script-run', handle: 0, steps: steps.length });
    const reply = await helper.next();
    await helper.end();
    return reply;
  }
  const run = async (steps: readonly ScriptStep[], ...args: string[]): Promise<ScriptResult> =>
    v.parse(ScriptResult, resultOf(await answer(steps, ...args)));

  it('stores, reads and compares in nested repeats', async () => {
    const result = await run([
      store('0x0', '0011223344556677'),
      ...repeat(3, store('0x8', 'aa'), ...repeat(4, store('0x9', 'bb'), read('0x0', 10))),
      { do: 'expect', data: '00110033', mask: 'ffff00ff' },
      { do: 'expect', data: 'aabb', at: 8 },
      { do: 'sleep', ns: 1_000_000 },
      { do: 'burst', region: 0, offset: '0x10', data: '0102', count: 5, step: '0x2' },
    ]);
    const { ended, steps, reads, sent, succeeded, failed, bytes, at, failure } = result;
    assert.deepEqual(
      { ended, steps, reads, sent, succeeded, failed, bytes, at, failure },
      {
        ...{ ended: 'done', steps: 36, reads: 12, sent: 21, succeeded: 21, failed: 0, bytes: 33 },
        ...{ at: null, failure: null },
      },
    );
    assert.ok(result.durationNs >= 1_000_000);
    assert.equal(
      readFileSync(file).toString('hex'),
      `0011223344556677aabb${'00'.repeat(6)}${'0102'.repeat(5)}`,
    );
  });

  it('reports bytes, step and rounds of a failed expectation', async () => {
    const result = await run([
      store('0x0', '0102'),
      ...repeat(2, ...repeat(3, read('0x0', 2), { do: 'expect', data: '02' })),
    ]);
    assert.deepEqual(result.at, { step: 4, rounds: [0, 0], sent: 0 });
    assert.equal(result.ended, 'failed');
    // The file has two bytes, so the read is short, which fails before the comparison.
    const short = await run([store('0x0', '01'), read('0x1', 2)]);
    assert.deepEqual([short.failure?.code, short.at?.step], ['short', 1]);
    const wide = await run([store('0x0', '01020304'), read('0x0', 4), { do: 'expect', data: '0103ff04' }]);
    assert.deepEqual(
      [wide.failure?.code, wide.failure?.actual, wide.at, wide.failure?.message],
      [
        'bytes',
        '01020304',
        { step: 2, rounds: [], sent: 0 },
        'byte 1 of what was read differs from what was expected',
      ],
    );
  });

  it('accepts an expected failure, and fails at an unexpected one', async () => {
    // The file may grow to 12 bytes: the second store is short, the third is refused.
    const limited = [file, '4096', '12'];
    const steps = [
      store('0x0', '00'.repeat(8)),
      store('0x8', '11'.repeat(8), 'short'),
      store('0x10', '22', 'EFBIG'),
    ];
    const met = await run(steps, ...limited);
    assert.deepEqual([met.ended, met.sent, met.succeeded, met.failed, met.bytes], ['done', 3, 1, 2, 12]);
    const other = await run([store('0x10', '22', 'EIO')], ...limited);
    assert.deepEqual([other.ended, other.failure?.code, other.at?.step], ['failed', 'EFBIG', 0]);
    assert.match(other.failure?.message ?? '', /should have failed with EIO; it failed with EFBIG/);
    const none = await run([store('0x0', '22', 'EIO')], ...limited);
    assert.deepEqual([none.failure?.code, none.sent], ['none', 1]);
    const bare = await run([...repeat(9, store('0x10', '22'))], ...limited);
    assert.deepEqual([bare.failure?.code, bare.sent, bare.at?.rounds], ['EFBIG', 1, [0]]);
    const burst = {
      do: 'burst',
      region: 0,
      offset: '0x0',
      data: '00'.repeat(8),
      count: 9,
      step: '0x8',
    } as const;
    const cut = await run([burst], ...limited);
    assert.deepEqual([cut.failure?.code, cut.at], ['short', { step: 0, rounds: [], sent: 2 }]);
  });

  const refused: [string, ScriptStep[], number, string | undefined, RegExp][] = [
    ['a store across 4 KiB', [store('0x0', '00'), store('0xfff', '0000')], 1, 'store-crosses-page', /cross/],
    ['a store longer than imaxstbl', [store('0x0', '00'.repeat(129))], 0, 'store-too-long', /imaxstbl/],
    ['an empty store', [store('0x0', '')], 0, 'store-empty', /at least one byte/],
    [
      'the last store of a burst past the end',
      [{ do: 'burst', region: 0, offset: '0xffff0', data: '00', count: 17, step: '0x1' }],
      ...([0, 'store-past-end', /past the end/] as const),
    ],
    ['a read past the end', [store('0x0', '00'), read('0x100000', 1)], 1, undefined, /past the end/],
    [
      'a region that cannot be read',
      [{ do: 'read', region: 1, offset: '0x0', length: 1 }],
      ...([0, undefined, /cannot be read/] as const),
    ],
    [
      'a region that is not there',
      [{ ...store('0x0', '00'), region: 9 } as ScriptStep],
      0,
      'store-region-not-writable',
      /no region 9/,
    ],
    ['a repeat without its end', [store('0x0', '00'), { do: 'repeat', count: 2 }], 1, undefined, /no 'end'/],
    ['an end without its repeat', [{ do: 'end' }], 0, undefined, /no 'repeat'/],
    [
      'too deep a nest',
      Array.from({ length: 9 }, () => ({ do: 'repeat', count: 1 })),
      8,
      undefined,
      /deeper/,
    ],
    ['too many rounds', repeat(1_000_000, ...repeat(11)), 1, undefined, /more than 10000000/],
    [
      'too many stores',
      repeat(1001, { do: 'burst', region: 0, offset: '0x0', data: '00', count: 10_000 }),
      1,
      undefined,
      /more than/,
    ],
  ];
  for (const [name, steps, at, rule, message] of refused)
    it(`refuses ${name} before the first store`, async () => {
      const result = await run(steps, file, '128');
      assert.deepEqual([result.ended, result.sent, result.steps], ['refused', 0, 0]);
      assert.deepEqual([result.at?.step, result.failure?.rule], [at, rule]);
      assert.match(result.failure?.message ?? '', message);
      assert.equal(readFileSync(file).length, 0);
    });

  const malformed: [string, object, RegExp][] = [
    ['an unknown step', { do: 'poke' }, /step 1: the field 'do'/],
    ['a step that is none', [], /the field 'do'/],
    ['an unknown field', { do: 'end', count: 1 }, /'count' is not known/],
    ['a field of the other steps', { do: 'read', region: 0, offset: '0x0', length: 1, data: '00' }, /'data'/],
    ['no rounds', { do: 'repeat', count: 0 }, /'count' must be a whole number from 1 to/],
    ['too many rounds', { do: 'repeat', count: 1_000_001 }, /'count'/],
    ['a long sleep', { do: 'sleep', ns: 60_000_000_001 }, /'ns'/],
    ['no length', { do: 'read', region: 0, offset: '0x0', length: 0 }, /'length'/],
    ['a short mask', { do: 'expect', data: '0011', mask: 'ff' }, /'mask'/],
    ['an odd digit', { do: 'expect', data: '001' }, /one is missing/],
    ['an error that is no name', { ...store('0x0', '00'), error: 'e io' }, /'error'/],
    ['an error that is too long', { ...store('0x0', '00'), error: 'E'.repeat(24) }, /'error'/],
  ];
  it('refuses malformed steps and discards the loaded ones', async () => {
    const helper = new ProbeHelper(probe, [file, '4096']);
    for (const [name, step, message] of malformed) {
      helper.say({ id: 1, op: 'script-load', first: 0, steps: [store('0x0', '00'), step] });
      assert.match(failureOf(await helper.next()).message, message, name);
    }
    helper.say({ id: 2, op: 'script-run', handle: 0, steps: 1 });
    assert.match(failureOf(await helper.next()).message, /0 steps are loaded/);
    helper.say({ id: 3, op: 'script-load', first: 5, steps: [] });
    assert.match(failureOf(await helper.next()).message, /'first'/);
    helper.say(
      { id: 4, op: 'script-load', first: 0, steps: {} },
      { id: 5, op: 'script-run', handle: 3, steps: 1 },
    );
    assert.match(failureOf(await helper.next()).message, /'steps'/);
    assert.match(failureOf(await helper.next()).message, /not open/);
    await helper.end();
    assert.equal(readFileSync(file).length, 0);
  });

  it('is loaded in pieces, up to its limits', async () => {
    const helper = new ProbeHelper(probe, [file, '4096']);
    const piece = Array.from({ length: 500 }, (_, i) =>
      store(`0x${(i * 8).toString(16)}`, '0123456789abcdef'),
    );
    for (let first = 0; first < 10_000; first += 500) {
      helper.say({ id: 1, op: 'script-load', first, steps: piece });
      assert.deepEqual(resultOf(await helper.next()), { loaded: first + 500 });
    }
    helper.say({ id: 2, op: 'script-run', handle: 0, steps: 9999 });
    assert.match(failureOf(await helper.next()).message, /10000 steps are loaded/);
    helper.say({ id: 3, op: 'script-run', handle: 0, steps: 10_000 });
    assert.equal(v.parse(ScriptResult, resultOf(await helper.next())).sent, 10_000);
    helper.say({ id: 4, op: 'script-load', first: 10_000, steps: [{ do: 'end' }] });
    assert.match(failureOf(await helper.next()).message, /at most 10000 steps/);
    const large = Array.from({ length: 4 }, () => store('0x0', 'ff'.repeat(4096)));
    let loaded = 0;
    let refusal = '';
    for (let first = 0; !refusal; first += 4) {
      helper.say({ id: 5, op: 'script-load', first, steps: large });
      const reply = await helper.next();
      if ('error' in reply) refusal = reply.error.message;
      else loaded += 4 * 4096;
    }
    assert.match(refusal, /at most 4194304 bytes/);
    assert.equal(loaded, 4 << 20);
    await helper.end();
  });

  for (const [name, steps] of [
    ['a loop', repeat(1_000_000, store('0x0', '00'.repeat(64)), read('0x0', 64))],
    ['a sleep', [store('0x0', '00'), { do: 'sleep', ns: 60_000_000_000 }]],
    ['a burst', [{ do: 'burst', region: 0, offset: '0x0', data: '00'.repeat(64), count: 1_000_000 }]],
  ] as [string, ScriptStep[]][])
    it(`ends on stop in ${name}; other requests are refused as running`, async () => {
      const helper = new ProbeHelper(probe, [file, '4096']);
      helper.say({ id: 1, op: 'script-load', first: 0, steps });
      await helper.next();
      helper.say(
        { id: 2, op: 'script-run', handle: 0, steps: steps.length },
        { id: 3, op: 'script-load', first: 0, steps },
      );
      const busy = await helper.next();
      assert.deepEqual([busy.id, failureOf(busy).code], [3, 'running']);
      helper.say({ id: 4, op: 'stop', request: 2 });
      assert.deepEqual(await helper.next(), { id: 4, result: { stopped: true } });
      const result = v.parse(ScriptResult, resultOf(await helper.next()));
      assert.deepEqual([result.ended, result.failure], ['stop', null]);
      assert.ok(result.at);
      await helper.end();
    });
});
