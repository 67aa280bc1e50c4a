import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { openSetup } from '../../setup/context';
import { nativeCompiler } from '../../setup/nativeCompiler';
import type { StoreRecord } from './journal';
import { matches, toCsv, toJsonLines, toPwriteC } from './journalFormats';

const record: StoreRecord = {
  version: 1,
  id: 'a',
  time: '2026-11-22T14:52:10.123Z',
  host: 'lab, "first"',
  target: 'root@127.0.0.1',
  function: '0051:00:00.0',
  fid: '0x00000061',
  region: 0,
  offset: '0xffff000000001000',
  length: 9,
  data: '0011223344556677ff',
  outcome: 'failed',
  error: '=EINVAL: no */ such',
};

describe('the journal for other programs', () => {
  it('JSON lines are the records', () => {
    const lines = toJsonLines([record, { ...record, id: 'b' }])
      .trimEnd()
      .split('\n');
    assert.deepEqual(
      lines.map((line): unknown => JSON.parse(line)),
      [record, { ...record, id: 'b' }],
    );
  });

  it('CSV quotes what it must and holds no formula', () => {
    const [head, line, end] = toCsv([record]).split('\r\n');
    assert.match(head ?? '', /^time,host,target,function,fid,region,offset,length,data,outcome,/);
    assert.ok(line?.includes('"lab, ""first"""'), line);
    assert.ok(line?.includes(`'=EINVAL`), line);
    assert.ok(line?.includes('0xffff000000001000,9,0011223344556677ff,failed,,,'), line);
    assert.equal(end, '');
  });

  it('C compiles without a warning, whatever a host is called', async function () {
    this.timeout(120_000);
    const text = toPwriteC({ ...record, host: 'x */ int y; /* \\' });
    assert.ok(text.includes('region.offset + 0xffff000000001000ULL'));
    assert.ok(text.includes('0x77,\n\t\t0xff,'));
    const { cc, cflags, env } = await nativeCompiler(openSetup());
    const flags = [
      ...cflags,
      '-std=gnu11',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-Wno-unused-function',
      '-fsyntax-only',
    ];
    execFileSync(cc, [...flags, '-xc', '-'], { input: text, env: { ...process.env, ...env }, stdio: 'pipe' });
  });

  it('a filter finds host, function, region, offset, bytes and outcome, in any case', () => {
    for (const text of ['', 'LAB', '0051', 'bar0', '0xFFFF', '7ff', 'failed', 'einval'])
      assert.ok(matches(record, text), text);
    assert.ok(!matches(record, 'bar2'));
  });
});
