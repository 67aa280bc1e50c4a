/** The histogram of a burst against exact figures of the same durations. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as v from 'valibot';
import { openSetup } from '../../setup/context';
import { buildHelperProbe } from '../build';

const Answer = v.object({
  merged: v.number(),
  percentiles: v.array(v.number()),
  pairs: v.array(v.tuple([v.number(), v.number()])),
});
const last = 2 ** 40;

describe('the histogram of a burst', () => {
  let probe: { readonly path: string; readonly env: Readonly<Record<string, string>> };
  before(async function () {
    this.timeout(120_000);
    probe = await buildHelperProbe(openSetup({ say: () => undefined }), process.cwd(), 'histogramProbe');
  });

  function count(durations: readonly (number | bigint)[]): v.InferOutput<typeof Answer> {
    const { stdout, stderr } = spawnSync(probe.path, {
      input: durations.join('\n'),
      env: { ...process.env, ...probe.env },
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    return v.parse(Answer, JSON.parse(stdout));
  }

  it('has percentiles that are at most 1/128 too large and never too small', () => {
    // Durations from 1 ns to some minutes, more of them the shorter they are, in an order that repeats.
    let state = 1;
    const durations = Array.from({ length: 20_000 }, () => {
      state = (state * 48_271) % 0x7fff_ffff;
      return Math.floor(2 ** ((state / 0x7fff_ffff) * 38));
    });
    const sorted = [...durations].sort((a, b) => a - b);
    const { percentiles } = count(durations);
    [0.5, 0.9, 0.99, 0.999, 1].forEach((share, i) => {
      const exact = sorted[Math.ceil(sorted.length * share - 1e-9) - 1] ?? NaN;
      const told = percentiles[i] ?? NaN;
      assert.ok(told >= exact && told <= exact * (1 + 1 / 128), `${share}: ${told} for ${exact}`);
    });
    assert.equal(percentiles[4], sorted.at(-1));
  });

  it('starts each bucket at the value that it reports', () => {
    const edges = Array.from({ length: 41 }, (_, bit) => [2 ** bit - 1, 2 ** bit, 2 ** bit + 1]).flat();
    for (const ns of edges.filter((value) => value < last)) {
      const [[start, one] = [NaN, NaN], ...more] = count([ns]).pairs;
      assert.deepEqual([one, more.length], [1, 0]);
      assert.ok(start <= ns && ns < Math.max(start + 1, start * (1 + 1 / 128)), `${ns} is in ${start}`);
    }
  }).timeout(60_000);

  it('counts very long durations in its last bucket', () => {
    const { pairs, percentiles } = count([last - 1, last, 2n ** 62n]);
    assert.equal(pairs.length, 1);
    assert.equal(pairs[0]?.[1], 3);
    assert.equal(percentiles[0], 2 ** 62);
  });

  it('shows at most 2000 pairs and loses no store', () => {
    const starts = Array.from({ length: 33 }, (_, shift) =>
      Array.from({ length: 128 }, (_, i) => (128 + i) * 2 ** shift),
    ).flat();
    const { merged, pairs } = count(starts);
    assert.equal(merged, 4);
    assert.ok(pairs.length <= 2000);
    assert.equal(
      pairs.reduce((sum, [, n]) => sum + n, 0),
      starts.length,
    );
    assert.ok(JSON.stringify(pairs).length < 60_000);
  });
});
