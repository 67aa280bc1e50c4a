import assert from 'node:assert/strict';
import type { StoreRecord } from '../device/stores/storeRecord';
import { storeLines } from './storeText';

function record(region: number, offset: string, bytes: string, more: Partial<StoreRecord> = {}): StoreRecord {
  const time = '2026-01-01T00:00:00.000Z';
  return { time, function: 'ism0', region, offset, length: bytes.length / 2, bytes, pieces: [], ...more };
}

const meanings = (...records: StoreRecord[]): unknown[] =>
  storeLines(records).map((line) => (JSON.parse(line) as { ism: unknown }).ism);

describe('the lines of ctl stores', () => {
  const body = record(2, '0x8', 'fedc000000000000');
  const header = record(2, '0x0', '0000000b00000010', { command: { name: 'unregisterDmb', answer: 0 } });

  it('keep the record and add what it means', () => {
    const store = record(0, '0x123456800010', 'aa');
    assert.deepEqual(storeLines([store]), [
      JSON.stringify({ ...store, ism: 'token 0x123400000000, index 86, signal, offset 0x10' }),
    ]);
  });

  it('show a command with the body that came before its header', () => {
    assert.deepEqual(meanings(body, header), [
      'command body at 0x8',
      'ISM_UNREG_DMB, dmb_tok 0xfedc000000000000; answered 0x0, done',
    ]);
  });

  it('say that a body is missing, and take none of another function or of an earlier command', () => {
    const [, other] = meanings(body, { ...header, function: 'ism1' });
    assert.match(String(other), /^ISM_UNREG_DMB; The block is truncated at dmb_tok/);
    const [, , again] = meanings(body, header, header);
    assert.match(String(again), /truncated at dmb_tok/);
  });
});
