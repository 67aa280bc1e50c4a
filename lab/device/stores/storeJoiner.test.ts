import assert from 'node:assert/strict';
import { StoreJoiner } from './storeJoiner';
import { parseStoreLog, type StoreRecord } from './storeRecord';

describe('joining the pieces of a store', () => {
  let records: StoreRecord[];
  let joiner: StoreJoiner;
  beforeEach(() => {
    records = [];
    joiner = new StoreJoiner('ism0', (record) => records.push(record));
  });
  const shapes = (): Array<readonly [number, string, number]> =>
    records.map(({ region, offset, length }) => [region, offset, length] as const);

  it('joins adjoining pieces', () => {
    joiner.add(0, 0x10n, Buffer.alloc(8, 1));
    joiner.add(0, 0x18n, Buffer.alloc(8, 2));
    joiner.flush();
    assert.deepEqual(shapes(), [[0, '0x10', 16]]);
    assert.equal(records[0]?.bytes, '01'.repeat(8) + '02'.repeat(8));
    assert.equal(records[0]?.function, 'ism0');
  });

  it('begins anew at a gap, a step back, another region and a 4 KiB block', () => {
    joiner.add(0, 0x10n, Buffer.alloc(8));
    joiner.add(0, 0x20n, Buffer.alloc(8));
    joiner.add(0, 0x20n, Buffer.alloc(8));
    joiner.add(2, 0x28n, Buffer.alloc(8));
    joiner.add(0, 0xff8n, Buffer.alloc(8));
    joiner.add(0, 0x1000n, Buffer.alloc(8));
    joiner.flush();
    assert.deepEqual(shapes(), [
      [0, '0x10', 8],
      [0, '0x20', 8],
      [0, '0x20', 8],
      [2, '0x28', 8],
      [0, '0xff8', 8],
      [0, '0x1000', 8],
    ]);
  });

  it('begins anew after the 128 bytes that QEMU takes in one store', () => {
    for (let at = 0n; at < 256n; at += 8n) joiner.add(0, at, Buffer.alloc(8));
    joiner.flush();
    assert.deepEqual(shapes(), [
      [0, '0x0', 128],
      [0, '0x80', 128],
    ]);
  });

  it('gives a record by itself when no further piece comes', async () => {
    joiner.add(0, 0n, Buffer.alloc(8));
    while (!records.length) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(shapes(), [[0, '0x0', 8]]);
    joiner.flush();
    assert.equal(records.length, 1);
  });
});

describe('the store log', () => {
  it('is read up to the last whole line', () => {
    const line = JSON.stringify({ offset: '0x0' });
    assert.deepEqual(parseStoreLog(`${line}\n${line}\n{"off`), [{ offset: '0x0' }, { offset: '0x0' }]);
    assert.deepEqual(parseStoreLog(''), []);
  });
});
