import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BurstResult } from '../../protocol/runOperations';
import { HelperError, LinkLostError } from '../base/helperErrors';
import { StoreJournal } from '../journal/journal';
import { binsOf, duration } from './bins';
import { burstCsv } from './burstCsv';
import { burstPage } from './burstPage';
import { BurstRuns, runOf, type BurstRun } from './burstRun';
import { sendBurst, sentenceOfBurst, type PlannedBurst } from './sendBurst';

const measured: BurstResult = {
  ...{ ended: 'count', requested: 100, sent: 100, succeeded: 100, failed: 0, bytes: 6400 },
  ...{ durationNs: 10_000_000, storesPerSecond: 10_000, firstError: null },
  latencyNs: {
    ...{ min: 61_234, p50: 80_000, p90: 95_000, p99: 240_000, p999: 1_000_000, max: 1_234_567, merged: 1 },
    buckets: [
      [61_184, 40],
      [80_000, 50],
      [95_232, 9],
      [1_233_000, 1],
    ],
  },
};

function planned(answer: () => Promise<BurstResult>, asked: unknown[] = []): PlannedBurst {
  return {
    ...{ hostName: 'z16', target: 'root@z16', function: '0001:00:00.0', fid: '0x61', handle: 3, region: 0 },
    ...{ offset: 0x1000n, step: 0x40n, count: 100, data: new Uint8Array(64).fill(0xa5) },
    request: (op, params, sent) => {
      asked.push([op, params]);
      sent?.(7);
      return op === 'burst' ? answer() : Promise.resolve({ stopped: true });
    },
  };
}

function run(more: Partial<BurstRun> = {}): BurstRun {
  const burst = planned(() => Promise.resolve(measured));
  return { ...runOf(burst, measured, 'one', new Date(0)), ...more };
}

describe('bursts of stores', () => {
  let folder: string;
  let journal: StoreJournal;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'ism-burst-'));
    journal = new StoreJournal(folder);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are sent once, and the journal has how many', async () => {
    const asked: unknown[] = [];
    const burst = planned(() => Promise.resolve(measured), asked);
    const ending = await sendBurst(burst, journal);
    assert.deepEqual(asked, [
      ['burst', { handle: 3, region: 0, offset: '0x1000', step: '0x40', count: 100, data: 'a5'.repeat(64) }],
    ]);
    const [record] = await journal.records();
    assert.deepEqual(
      [record?.outcome, record?.planned, record?.sent, record?.failed, record?.length],
      ['ok', 100, 100, 0, 64],
    );
    assert.equal(
      sentenceOfBurst(burst, ending),
      '100 stores to BAR0 0x1000 of 0001:00:00.0 on z16: 10,000 a second.',
    );
  });

  it('that fail say at which store, and how many were sent', async () => {
    const burst = planned(() =>
      Promise.resolve({
        ...{ ...measured, ended: 'error', sent: 4, succeeded: 3, failed: 1 },
        firstError: { index: 3, offset: '0x10c0', code: 'EIO', message: 'Input/output error' },
      }),
    );
    const ending = await sendBurst(burst, journal);
    assert.match(
      sentenceOfBurst(burst, ending),
      /ended at store 4: Input\/output error\. 4 of 100 stores were sent, 1 failed\.$/,
    );
    const [record] = await journal.records();
    assert.deepEqual(
      [record?.outcome, record?.sent, record?.failed, record?.error],
      ['failed', 4, 1, 'EIO: Input/output error'],
    );
  });

  it('are refused before the first store, or their outcome is unknown', async () => {
    const refused = planned(() =>
      Promise.reject(
        new HelperError({ code: 'EINVAL', message: 'it crosses 4 KiB', rule: 'store-crosses-page' }),
      ),
    );
    assert.match(
      sentenceOfBurst(refused, await sendBurst(refused, journal)),
      /refused and nothing was sent: it crosses/,
    );
    const lost = planned(() => Promise.reject(new LinkLostError('the connection was reset')));
    assert.match(
      sentenceOfBurst(lost, await sendBurst(lost, journal)),
      /^Outcome unknown: .* Up to 100 stores may have happened; none was or will be sent again\.$/,
    );
    assert.deepEqual(
      (await journal.records()).map(({ outcome }) => outcome),
      ['refused', 'unknown'],
    );
  });

  it('are stopped by name, also when that was asked for before they began', async () => {
    const asked: unknown[] = [];
    const abort = new AbortController();
    abort.abort();
    await sendBurst(
      planned(() => Promise.resolve({ ...measured, ended: 'stop', sent: 9 }), asked),
      journal,
      abort.signal,
    );
    assert.deepEqual(asked.at(-1), ['stop', { request: 7 }]);
  });

  it('are kept, the newest first and not for ever', async () => {
    let kept: readonly BurstRun[] = [];
    const runs = new BurstRuns({
      get: () => kept,
      update: (_key, value) => {
        kept = value;
        return Promise.resolve();
      },
    });
    for (let at = 0; at < 12; at++) await runs.add(run({ id: String(at) }));
    assert.deepEqual(
      runs.all.map(({ id }) => id),
      ['11', '10', '9', '8', '7', '6', '5', '4', '3', '2'],
    );
  });
});

describe('what a burst measured', () => {
  it('is put into bins that two runs share', () => {
    const slower = run({
      result: { ...measured, latencyNs: { ...measured.latencyNs!, buckets: [[10_000_000, 7]] } },
    });
    const [first = [], second = []] = binsOf([run(), slower]);
    const sum = (bins: typeof first): number => bins.reduce((total, { count }) => total + count, 0);
    assert.deepEqual([sum(first), sum(second)], [100, 7]);
    assert.deepEqual(
      first.map(({ from }) => from),
      second.map(({ from }) => from),
    );
    assert.ok(first.every(({ from, to }, at) => to > from && (first[at + 1]?.from ?? to) === to));
    assert.deepEqual(binsOf([run({ result: { ...measured, latencyNs: null } })]), [[]]);
  });

  it('is written with three digits and a unit', () => {
    assert.deepEqual([7, 999, 1000, 61_234, 240_000, 1_234_567, 2e9].map(duration), [
      ...['7 ns', '999 ns', '1.00 µs', '61.2 µs', '240 µs', '1.23 ms', '2.00 s'],
    ]);
  });

  it('is a page with a plot, and the figures in a table', () => {
    const page = burstPage([run()], 'n0');
    for (const text of [
      '80.0 µs',
      '1.23 ms',
      '10,000',
      'role="img"',
      '<caption>',
      "default-src 'none'",
      'p99',
    ])
      assert.ok(page.includes(text), text);
    assert.ok(!/<script|NaN|undefined|Infinity/.test(page), page);
    assert.equal(page.match(/<rect /g)?.length, 4);
  });

  it('is compared with another run by colour and by shape, and in figures', () => {
    const faster = run({ id: 'two', result: { ...measured, storesPerSecond: 12_500 } });
    const page = burstPage([run(), faster], 'n0');
    assert.ok(page.includes('× 1.250') && page.includes('polyline') && page.includes('stroke-dasharray'));
  });

  it('has no plot when no store succeeded, and what a host says is harmless', () => {
    const page = burstPage(
      [run({ host: '<img src=x>', result: { ...measured, succeeded: 0, latencyNs: null } })],
      'n0',
    );
    assert.ok(page.includes('nothing to plot') && !page.includes('<img') && !page.includes('<svg'));
  });

  it('is exported with running totals', () => {
    const lines = burstCsv(run({ host: '=cmd' })).split('\r\n');
    assert.equal(lines[0], 'time,host,function,region,offset,length,latencyNs,stores,storesUpTo');
    assert.equal(lines[1], "1970-01-01T00:00:00.000Z,'=cmd,0001:00:00.0,0,0x1000,64,61184,40,40");
    assert.ok(lines[4]?.endsWith(',1233000,1,100') && lines[5] === '');
  });
});
