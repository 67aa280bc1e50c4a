/** Bursts of the native helper, built with sanitizers, to a file in place of a device; see burstProbe.c. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { Reply } from '../../protocol/helper';
import { BurstResult, MAX_BURST } from '../../protocol/runOperations';
import { openSetup } from '../../setup/context';
import { buildHelperProbe } from '../build';
import { ProbeHelper } from './probeHelper';
import { failureOf, resultOf } from './spawnHelper';

/** What helper/operations/burst_operations.c makes of a seed. */
function splitmix(seed: bigint, size: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(size / 8) * 8);
  const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
  for (let at = 0; at < size; at += 8) {
    seed = wrap(seed + 0x9e3779b97f4a7c15n);
    let word = wrap((seed ^ (seed >> 30n)) * 0xbf58476d1ce4e5b9n);
    word = wrap((word ^ (word >> 27n)) * 0x94d049bb133111ebn);
    bytes.writeBigUInt64BE(word ^ (word >> 31n), at);
  }
  return bytes.subarray(0, size);
}

const burst = { op: 'burst', handle: 0, region: 0, offset: '0x10', data: '0102030405060708', count: 100 };

describe('a burst', () => {
  let probe: { readonly path: string; readonly env: Readonly<Record<string, string>> };
  let folder: string;
  let file: string;
  before(async function () {
    this.timeout(120_000);
    probe = await buildHelperProbe(openSetup({ say: () => undefined }), process.cwd(), 'burstProbe');
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-burst-'));
    file = path.join(folder, 'device');
    writeFileSync(file, '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const start = (...args: string[]): ProbeHelper =>
    new ProbeHelper(probe, args.length ? args : [file, '4096']);

  async function run(request: object, ...args: string[]): Promise<Reply> {
    const helper = start(...args);
    helper.say({ id: 5, ...request });
    const reply = await helper.next();
    await helper.end();
    return reply;
  }
  const ran = async (request: object, ...args: string[]): Promise<BurstResult> =>
    v.parse(BurstResult, resultOf(await run(request, ...args)));

  it('sends the same bytes to the same offset, counting and timing each store', async () => {
    const result = await ran(burst);
    const { ended, requested, sent, succeeded, failed, bytes, firstError } = result;
    assert.deepEqual(
      { ended, requested, sent, succeeded, failed, bytes, firstError },
      { ended: 'count', requested: 100, sent: 100, succeeded: 100, failed: 0, bytes: 800, firstError: null },
    );
    const latency = result.latencyNs ?? assert.fail('there is no latency');
    assert.equal(
      latency.buckets.reduce((sum, [, count]) => sum + count, 0),
      100,
    );
    const rising = [latency.min, latency.p50, latency.p90, latency.p99, latency.p999, latency.max];
    assert.deepEqual(
      rising,
      [...rising].sort((a, b) => a - b),
    );
    assert.equal(latency.merged, 1);
    // Buckets are at most 1/128 of their values wide, and begin at the value that is told.
    const first = latency.buckets[0]?.[0] ?? NaN;
    assert.ok(first <= latency.min && latency.min <= first * (1 + 1 / 128));
    assert.ok(Math.abs(result.storesPerSecond - (100 * 1e9) / result.durationNs) < 1);
    assert.equal(readFileSync(file).toString('hex'), '00'.repeat(16) + burst.data);
  });

  it('advances by its step, with bytes from a seed', async () => {
    const seeded = { data: undefined, size: 13, seed: '0xfedcba9876543210', step: '0x20', count: 3 };
    const result = await ran({ ...burst, ...seeded });
    assert.equal(result.bytes, 39);
    const bytes = splitmix(0xfedcba9876543210n, 13);
    const gap = Buffer.alloc(0x20 - 13);
    const expected = Buffer.concat([Buffer.alloc(16), bytes, gap, bytes, gap, bytes]);
    assert.deepEqual(readFileSync(file), expected);
  });

  it('accepts its limits: 1 byte, 4096 bytes, the end of the region, a million stores', async () => {
    assert.equal((await ran({ ...burst, data: 'ff', count: 1, step: `0x${'f'.repeat(16)}` })).sent, 1);
    assert.equal((await ran({ ...burst, offset: '0xff000', data: 'aa'.repeat(4096), count: 2 })).bytes, 8192);
    assert.equal((await ran({ ...burst, region: 1, offset: '0x0', step: '0x8', count: 4 })).sent, 4);
    const most = await ran({ ...burst, count: MAX_BURST });
    assert.equal(most.succeeded, MAX_BURST);
  }).timeout(60_000);

  const bad: [string, object, string | undefined, RegExp][] = [
    ['no stores', { count: 0 }, undefined, /'count' must be a whole number from 1 to/],
    ['too many stores', { count: MAX_BURST + 1 }, undefined, /'count'/],
    ['a fraction of a store', { count: 1.5 }, undefined, /'count'/],
    ['a number as step', { step: 8 }, undefined, /'step'/],
    ['a word for stopOnError', { stopOnError: 'no' }, undefined, /'stopOnError'/],
    ['data and seed', { seed: '0x1' }, undefined, /'data' excludes/],
    ['a size without seed', { data: undefined, size: 8 }, undefined, /'seed'/],
    ['a size that is too large', { data: undefined, size: 4097, seed: '0x1' }, undefined, /'size'/],
    ['neither data nor size', { data: undefined }, undefined, /'size'/],
    ['another handle', { handle: 1 }, undefined, /not open/],
    ['no bytes', { data: '' }, 'store-empty', /at least one byte/],
    ['more than imaxstbl', { data: '00'.repeat(129) }, 'store-too-long', /longer than 128, imaxstbl/],
    ['a 4 KiB boundary', { offset: '0xffc' }, 'store-crosses-page', /at 0xffc cross/],
    ['a boundary on the way', { step: '0x4', count: 1024 }, 'store-crosses-page', /at 0xffc cross/],
    ['an offset past the end', { offset: '0x100000' }, 'store-past-end', /past the end/],
    ['the last store past the end', { step: '0x1000', count: 257 }, 'store-past-end', /0x100010 is past/],
    ['the last store over the end', { region: 1, step: '0x4', count: 4 }, 'store-clipped', /only 4 of the 8/],
    ['steps that wrap around', { step: `0x${'f'.repeat(16)}`, count: 2 }, 'store-past-end', /64 bits/],
    ['a region that is read only', { region: 2 }, 'store-region-not-writable', /cannot be written/],
    ['a region that is not there', { region: 3 }, 'store-region-not-writable', /no region 3/],
    ['an unknown field', { repeat: true }, undefined, /'repeat'/],
  ];
  for (const [name, change, rule, message] of bad)
    it(`refuses ${name} before anything is sent`, async () => {
      const failure = failureOf(await run({ ...burst, ...change }, file, '128'));
      assert.equal(failure.rule, rule);
      assert.match(failure.message, message);
      assert.equal(readFileSync(file).length, 0);
    });

  it('ends at the first failure and never repeats a store', async () => {
    const result = await ran(burst, '/dev/full', '4096');
    assert.deepEqual(
      [result.ended, result.sent, result.succeeded, result.failed, result.bytes, result.latencyNs],
      ['error', 1, 0, 1, 0, null],
    );
    assert.equal(result.firstError?.index, 0);
    assert.equal(result.firstError?.offset, '0x10');
    assert.match(result.firstError?.message ?? '', /refused the store at 0x10: No space/);
  });

  it('continues after failures with stopOnError false, and reports the first', async () => {
    // The file may grow to 28 bytes: the second store is short, and the ones after it are refused.
    const limited = [file, '4096', '28'];
    const on = await ran({ ...burst, step: '0x8', count: 5, stopOnError: false }, ...limited);
    assert.deepEqual([on.ended, on.sent, on.succeeded, on.failed, on.bytes], ['count', 5, 1, 4, 12]);
    assert.deepEqual(
      [on.firstError?.index, on.firstError?.offset, on.firstError?.code],
      [1, '0x18', 'short'],
    );
    const end = await ran({ ...burst, step: '0x8', count: 5 }, ...limited);
    assert.deepEqual([end.ended, end.sent, end.firstError?.index], ['error', 2, 1]);
  });

  it('ends on stop with its id; other requests are refused as running', async () => {
    const helper = start();
    helper.say({ id: 1, ...burst, data: '00'.repeat(4096), offset: '0x0', count: MAX_BURST });
    helper.say({ id: 2, op: 'hello' }, { id: 3, op: 'stop', request: 99 });
    const busy = await helper.next();
    assert.deepEqual([busy.id, failureOf(busy).code], [2, 'running']);
    assert.deepEqual(await helper.next(), { id: 3, result: { stopped: false } });
    helper.say({ id: 4, op: 'store', handle: 0, region: 0, offset: '0x8000', data: 'ff' });
    assert.equal(failureOf(await helper.next()).code, 'running');
    const asked = Date.now();
    helper.say({ id: 5, op: 'stop', request: 1 });
    assert.deepEqual(await helper.next(), { id: 5, result: { stopped: true } });
    const reply = await helper.next();
    assert.equal(reply.id, 1);
    const result = v.parse(BurstResult, resultOf(reply));
    assert.equal(result.ended, 'stop');
    assert.ok(result.sent > 0 && result.sent < MAX_BURST, `${result.sent}`);
    assert.ok(Date.now() - asked < 2_000);
    // It serves on as before, and the store that was refused was not kept for later.
    helper.say({ id: 6, op: 'stop', request: 1 }, { id: 7, op: 'stop' }, { id: 8, ...burst, count: 1 });
    assert.deepEqual(await helper.next(), { id: 6, result: { stopped: false } });
    assert.match(failureOf(await helper.next()).message, /'request'/);
    assert.equal(v.parse(BurstResult, resultOf(await helper.next())).sent, 1);
    await helper.end();
    assert.equal(readFileSync(file).length, 4096);
  });

  it('sends nothing if stop or the end of the input arrived with the request', () => {
    const stop = { id: 2, op: 'stop', request: 1 };
    const told = [[{ id: 1, ...burst }, stop], [{ id: 1, ...burst }]].map((requests) => {
      // A file as input has ended from the start, which a pipe may do later.
      const input = path.join(folder, 'input');
      writeFileSync(input, requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
      const opened = openSync(input, 'r');
      const { stdout, stderr } = spawnSync(probe.path, [file, '4096'], {
        stdio: [opened, 'pipe', 'pipe'],
        env: { ...process.env, ...probe.env },
        encoding: 'utf8',
      });
      closeSync(opened);
      assert.equal(stderr, '');
      const reply = v.parse(Reply, JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
      return v.parse(BurstResult, resultOf(reply));
    });
    assert.deepEqual(
      told.map(({ ended, sent }) => [ended, sent]),
      [
        ['stop', 0],
        ['input', 0],
      ],
    );
    assert.equal(readFileSync(file).length, 0);
  });

  it('ends with the input and still reports the number of stores', async () => {
    const helper = start();
    helper.say({ id: 1, ...burst, count: MAX_BURST }, { id: 2, op: 'hello' });
    await helper.next();
    const answer = helper.next();
    await helper.end();
    const result = v.parse(BurstResult, resultOf(await answer));
    assert.equal(result.ended, 'input');
    assert.ok(result.sent < MAX_BURST);
  });
});
