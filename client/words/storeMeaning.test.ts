import assert from 'node:assert/strict';
import { meaningOf } from './storeMeaning';

describe('the meaning of a store to ISM', () => {
  const meaning = (region: number, offset: string, data = '00') => meaningOf({ region, offset, data });

  it('is the buffer, its index, and whether it signals', () => {
    assert.equal(meaning(0, '0x102000044'), 'token 0x100000000, index 2, offset 0x44');
    assert.equal(meaning(0, '0x102800044'), 'token 0x100000000, index 2, signal, offset 0x44');
  });

  it('is the command with its fields, or which part of one', () => {
    assert.match(
      meaning(2, '0x0', '0000000100000010' + '00000001000000c0') ?? '',
      /^ISM_REG_SBA, sba 0x1000000c0/,
    );
    assert.equal(meaning(2, '0x8'), 'command body at 0x8');
  });

  it('is nothing elsewhere, and for lines that make no sense', () => {
    for (const [region, offset] of [
      [7, '0x0'],
      [0, '0x1000000000000'],
      [0, 'nowhere'],
    ] as const)
      assert.equal(meaning(region, offset), undefined);
  });
});
