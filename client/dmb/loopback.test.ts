import assert from 'node:assert/strict';
import { decodeStoreOffset } from '../../protocol/ismDecode';
import { HelperError } from '../base/helperErrors';
import { sentenceOf } from '../base/userError';
import { dumpBuffer } from './dumpChanges';
import { dmbSize, explained, loopbackProblem, moveOffset } from './loopback';
import { indicesOf } from './loopbackText';

describe('a loopback', () => {
  it('names its place as the kernel does, whatever its parts are', () => {
    assert.deepEqual(decodeStoreOffset(0, moveOffset('0x300000000', 255, true, 0x7fffff)), {
      kind: 'move',
      token: '0x300000000',
      known: undefined,
      index: 255,
      signal: true,
      offset: 0x7fffff,
    });
    assert.equal(moveOffset('0x300000000', 0, false, 8), 0x300000008n);
  });

  const bad: [number[], number, RegExp][] = [
    [[], 0, /1 to 16 sizes/],
    [Array.from({ length: 17 }, () => 8), 0, /1 to 16 sizes/],
    [[8, 0], 0, /1 to 4096 bytes, not 0/],
    [[4097], 0, /not 4097/],
    [[NaN], 0, /not NaN/],
    [[8, 64], 4096 - 16, /64 bytes at this offset cross a 4 KiB boundary; at most 16 fit/],
    [[8], 65536, /at most 65536 bytes/],
  ];
  for (const [sizes, offset, why] of bad)
    it(`of ${JSON.stringify(sizes.slice(0, 3))} at ${offset} is refused`, () =>
      assert.match(loopbackProblem(sizes, offset) ?? '', why));

  it('fits up to the end of the largest buffer', () => {
    assert.equal(loopbackProblem([8, 4096], 65536 - 4096), undefined);
    assert.equal(dmbSize(65536), 65536);
    assert.equal(dmbSize(8), 16384);
    assert.equal(dmbSize(16385), 20480);
  });

  it('calls an answer of the function by its name', () => {
    const error = (code: string) => explained(new HelperError({ code, message: 'ISM_REG_DMB failed' }));
    assert.match(sentenceOf(error('answer-0x000c')), /no such GID.*not in the same fabric/);
    assert.match(sentenceOf(error('answer-0xffff')), /failed: no answer \(ISM_ERROR\)\.$/);
    assert.match(sentenceOf(error('answer-0x1234')), /unknown answer/);
    assert.equal(sentenceOf(error('EIO')), 'ISM_REG_DMB failed');
  });

  it('reads masks with index 0 in the highest bit', () => {
    assert.deepEqual(indicesOf(0x8000), [0]);
    assert.deepEqual(indicesOf(0x0401), [5, 15]);
  });
});

describe('the dump of a buffer', () => {
  it('hides lines of zeros but the first, and never one that changed', () => {
    const data = new Uint8Array(256);
    data[0x52] = 0x41;
    const dump = dumpBuffer(data, (offset) => offset === 0x90);
    assert.deepEqual(
      dump.lines.map((line) => line.slice(0, 6)),
      ['  0000', '  *', '  0050', '  *', '> 0090', '  *'],
    );
    assert.match(dump.lines[2] ?? '', /\|\.\.A\.{13}\|$/);
  });

  it('knows where each byte is shown', () => {
    const data = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
    const dump = dumpBuffer(data, () => false);
    for (let at = 0; at < data.length; at++) {
      const place = dump.place(at);
      assert.ok(place);
      assert.equal(
        dump.lines[place.line]?.slice(place.column, place.column + 2),
        (at + 1).toString(16).padStart(2, '0'),
      );
    }
    assert.equal(dumpBuffer(new Uint8Array(64), () => false).place(0x20), undefined);
  });
});
