/** Buffers of the native helper, built with sanitizers: signals, and what is written to unregister; see dmbProbe.c. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { DmbBytes, DmbEvent, DmbStored } from '../../protocol/helperDmb';
import { openSetup } from '../../setup/context';
import { buildHelperProbe } from '../build';

describe('a buffer of the helper', () => {
  let probe: { readonly path: string; readonly env: Readonly<Record<string, string>> };
  let folder: string;
  let file: string;
  before(async function () {
    this.timeout(120_000);
    probe = await buildHelperProbe(openSetup({ say: () => undefined }), process.cwd(), 'dmbProbe');
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-dmb-'));
    file = path.join(folder, 'device');
    writeFileSync(file, Buffer.alloc(8192));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** What the helper says to requests, events included. It has to end well and without complaints. */
  function talk(signals: readonly string[], ...requests: object[]): Record<string, unknown>[] {
    const input = requests.map((request, id) => `${JSON.stringify({ id, ...request })}\n`).join('');
    const env = { ...process.env, ...probe.env };
    const { stdout, stderr, status } = spawnSync(probe.path, [file, ...signals], {
      env,
      input,
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    assert.equal(status, 0);
    return stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
  const result = (line: Record<string, unknown> | undefined): unknown => line?.['result'];
  const failure = (line: Record<string, unknown> | undefined) =>
    line?.['error'] as { code: string; message: string };
  const store = { op: 'dmb-store', dmb: 0, handle: 0, offset: '0x10', data: '0102030405060708' };

  it('reports a signal once, with its mask and the changed span', () => {
    // The wait of the store for its own signal looks at what came before.
    const lines = talk(['2:3:100', '2:15:4500', '0:0:0'], { ...store, waitMs: 0 });
    const [first, second] = lines.slice(0, 2).map((line) => v.parse(DmbEvent, line));
    assert.deepEqual([first?.dmb, first?.token, first?.mask], [0, '0x100000000', 0x8000]);
    assert.deepEqual(first?.changed, { offset: 0, length: 1, data: '5a' });
    assert.deepEqual([second?.dmb, second?.mask, second?.interrupts], [2, 0x1001, 1]);
    assert.equal(second?.changed?.offset, 100);
    assert.equal(second.changed.length, 4401);
    assert.equal(second.changed.data.length, 2 * 4096);
    assert.equal(lines.length, 3);
  });

  it('lets dmb-store wait no longer than waitMs without a signal', () => {
    const from = performance.now();
    const [line] = talk([], { ...store, waitMs: 300 });
    const took = performance.now() - from;
    const stored = v.parse(DmbStored, result(line));
    assert.deepEqual([stored.count, stored.interruptNs, stored.signal], [8, null, null]);
    assert.ok(took >= 300, String(took));
    assert.equal(
      readFileSync(file)
        .subarray(4096 + 0x10, 4096 + 0x18)
        .toString('hex'),
      store.data,
    );
  });

  it('refuses reads outside of it', () => {
    const read = (offset: number, length: number) => ({ op: 'dmb-read', dmb: 0, offset, length });
    const lines = talk(['0:1:8191'], read(8190, 2), read(8190, 3), read(8192, 1), read(0, 0), read(0, 4097));
    const answers = lines.filter((line) => 'id' in line);
    assert.equal(v.parse(DmbBytes, result(answers[0])).data, '005a');
    for (const answer of answers.slice(1)) assert.equal(failure(answer).code, 'EINVAL');
  });

  const bad: [string, object, RegExp][] = [
    [
      'a place of a function that has none',
      { op: 'dmb-read', dmb: 1, offset: 0, length: 1 },
      /buffer 1 is not/,
    ],
    ['another function that has none', { op: 'dmb-unregister', dmb: 4 }, /buffer 4 is not/],
    ['a wait that is too long', { ...store, waitMs: 5001 }, /'waitMs'.* 5000$/],
    [
      'a size that is no whole pages',
      { op: 'dmb-register', handle: 0, size: 5000, user: '0x1' },
      /multiple of 4096/,
    ],
    [
      'no size',
      { op: 'dmb-register', handle: 0, size: 0, user: '0x1' },
      /'size' must be a whole number from 4096/,
    ],
    [
      'a size that is too large',
      { op: 'dmb-register', handle: 0, size: 69632, user: '0x1' },
      /'size'.* 65536$/,
    ],
    ['a GID that is none', { op: 'dmb-register', handle: 0, size: 4096, user: '12' }, /'user'/],
    ['a store that is too long', { ...store, data: '00'.repeat(4097), waitMs: 0 }, /at most 4096/],
    ['a store over the end', { ...store, offset: '0xffc', waitMs: 0 }, /inside the region/],
  ];
  for (const [name, request, why] of bad)
    it(`refuses ${name}`, () => assert.match(failure(talk([], request)[0]).message, why));

  it('is unregistered by token; the last one takes event queue and signal bits with it', () => {
    const page = () => readFileSync(file).subarray(0, 16).toString('hex');
    const lines = talk([], { op: 'dmb-unregister', dmb: 2 }, { op: 'dmb-unregister', dmb: 0 });
    assert.deepEqual(lines.map(result), [{ unregistered: true }, { unregistered: true }]);
    // The last header is that of ISM_UNREG_SBA; behind it the last body, the token of the last buffer.
    assert.equal(page(), '0000001100000008' + '0000000100000000');
  });

  it('is unregistered at the end of the input', () => {
    talk([], { op: 'dmb-unregister', dmb: 0 });
    assert.equal(readFileSync(file).subarray(0, 16).toString('hex'), '0000001100000008' + '0000000300000000');
  });

  it('is not registered if the answer is too short', () => {
    // The page reads as what was written to it: an answer of 0 that has no GID behind its header.
    assert.equal(failure(talk([], { op: 'gid', handle: 0 })[0]).code, 'EPROTO');
  });
});
