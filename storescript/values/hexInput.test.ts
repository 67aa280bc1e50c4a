import assert from 'node:assert/strict';
import { hexOf, parseHexData } from './hexInput';

describe('bytes typed as hex digits', () => {
  const right: [string, string][] = [
    ['0123', '0123'],
    ['01 23 AB', '0123ab'],
    ['0x01, 0x23', '0123'],
    ['0x0123456789abcdef', '0123456789abcdef'],
    ['01\n23\t45', '012345'],
    ['0123_4567', '01234567'],
  ];
  for (const [text, expected] of right)
    it(JSON.stringify(text), () => {
      const data = parseHexData(text);
      assert.ok(data.ok);
      assert.equal(hexOf(data.value), expected);
    });
  const wrong: [string, RegExp][] = [
    ['', /Type the bytes/],
    ['0', /one hex digit; a byte needs two/],
    ['01 2', /'2' has one hex digit/],
    ['012', /3 hex digits; a byte needs two, so one is missing/],
    ['0g', /'g' is not a hex digit/],
    ['zz', /'z' is not a hex digit/],
    ['0x', /at least one byte/],
  ];
  for (const [text, why] of wrong)
    it(`refuses ${JSON.stringify(text)}`, () => {
      const data = parseHexData(text);
      assert.ok(!data.ok);
      assert.match(data.why, why);
    });
});
