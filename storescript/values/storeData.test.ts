import assert from 'node:assert/strict';
import { parseStoreData } from './storeData';

const dataOf = (text: string): string => {
  const result = parseStoreData(text);
  assert.ok(result.ok, JSON.stringify(result));
  assert.ok(result.value.kind === 'bytes');
  return Buffer.from(result.value.bytes).toString('hex');
};

describe('the data of a store', () => {
  const right: [string, string][] = [
    ['01 23 AB', '0123ab'],
    ['hex:01,23', '0123'],
    ['text:AB c', '41422063'],
    ['text: a', '2061'],
    ['text:ä\\n\\0\\x7f\\\\', 'c3a40a007f5c'],
    ['text:a:b', '613a62'],
    ['u8:1 255', '01ff'],
    ['u16be:0x1234', '1234'],
    ['u16le:0x1234', '3412'],
    ['u32be:1, 2', '0000000100000002'],
    ['U32LE:0x1234', '34120000'],
    ['u64be:0x0123_4567_89ab_cdef', '0123456789abcdef'],
    ['u64le:18446744073709551615', 'ffffffffffffffff'],
    ['counter:4', '00010203'],
    ['counter:3:254', 'feff00'],
    // The first word of SplitMix64 with the seed 0, as its author publishes it.
    ['random:8:0', 'e220a8397b1dcdaf'],
    ['random:3:0', 'e220a8'],
  ];
  for (const [text, expected] of right) it(text, () => assert.equal(dataOf(text), expected));

  it('gives other bytes for another seed', () =>
    assert.notEqual(dataOf('random:64:1'), dataOf('random:64:2')));

  it('only names a file', () =>
    assert.deepEqual(parseStoreData('file: /tmp/a b.bin'), {
      ok: true,
      value: { kind: 'file', path: '/tmp/a b.bin' },
    }));

  const wrong: [string, RegExp][] = [
    ['', /Type the bytes/],
    ['hex:0', /one hex digit; a byte needs two/],
    ['0g', /'g' is not a hex digit/],
    ['text:', /at least one character/],
    ['text:ab\\q', /'\\q' at character 3 is not an escape/],
    ['u32be:1,,2', /^Number 2 is missing at the comma/],
    ['u8:1, 2,', /^Number 3 is missing at the comma/],
    ['u32:1', /u32: needs a byte order; write u32be: .* or u32le:/],
    ['u16be:', /at least one number after u16be:/],
    ['u16be:1, 0x10000', /Number 2, 0x10000, does not fit into 16 bits/],
    ['u16be:1, x', /Number 2, 'x', is not a number/],
    ['u24be:1', /'u24be:' is not a form of data/],
    ['file:', /A path is missing/],
    ['counter:', /needs its length in bytes first/],
    ['counter:0', /makes 1 to 4096 bytes, not 0/],
    ['counter:5000', /makes 1 to 4096 bytes, not 5000/],
    ['counter:4:256', /FIRST is a byte, 0 to 255/],
    ['random:8', /random:LENGTH:SEED/],
    ['random:8:18446744073709551616', /below 2\^64/],
    ['random:8:1:2', /random:LENGTH:SEED/],
  ];
  for (const [text, why] of wrong)
    it(`refuses '${text}'`, () => {
      const result = parseStoreData(text);
      assert.ok(!result.ok);
      assert.match(result.why, why);
    });
});
