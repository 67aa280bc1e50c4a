import assert from 'node:assert/strict';
import { parseOffset } from './offsetExpression';

describe('offsets', () => {
  const right: [string, bigint][] = [
    ['0', 0n],
    ['4096', 4096n],
    ['0x1234_5678_9000', 0x123456789000n],
    ['0xFFFFFFFFFFFFFFFF', 0xffffffffffffffffn],
    ['4K', 4096n],
    ['0x10m', 16n << 20n],
    ['256T', 1n << 48n],
    ['0x1000 + 4*8', 0x1020n],
    ['4K-8', 4088n],
    ['2 + 3 * 4 - 1', 13n],
    ['(2 + 3) * 4', 20n],
    ['0x100000000 | 2 << 24 | 1 << 23 | 0x10', 0x102800010n],
    ['(1 + 1) << 24', 2n << 24n],
    ['1 << (20 + 4)', 1n << 24n],
    ['1<<2<<3', 32n],
    ['token:0x100000000', 0x100000000n],
    ['token:0x100000000 + 2<<24 + 1<<23 + 0x10', 0x102800010n],
    ['token: 0x100000000 | 2 << 24 | (4K - 8)', 0x102000ff8n],
  ];
  for (const [text, expected] of right)
    it(text, () => assert.deepEqual(parseOffset(text), { ok: true, value: expected }));

  const wrong: [string, RegExp][] = [
    ['', /^Type an offset/],
    ['-1', /number is missing before '-' at column 1/],
    ['0x', /'0x' at column 1 is not a number/],
    ['ff0', /^Write 0xff0 for the hex number at column 1/],
    ['0x10 + ff0', /^Write 0xff0 .* column 8/],
    ['0x10000000000000000', /column 1 does not fit into 64 bits/],
    ['0xffffffffffffffff + 1', /column 20 does not fit into 64 bits/],
    ['0x8000000000000000 * 2', /column 20 does not fit into 64 bits/],
    ['1 << 64', /shift at column 6 is more than 63 bits/],
    ['2 << 63', /column 3 does not fit into 64 bits/],
    ['16777216T', /does not fit into 64 bits/],
    ['8 - 9', /'-' at column 3 makes the offset negative/],
    ['1 +', /missing at the end, column 4/],
    ['1 + * 2', /missing before '\*' at column 5/],
    ['(1 + 2', /'\(' at column 1 is not closed/],
    ['1 2', /'2' at column 3 is not expected there/],
    ['1)', /'\)' at column 2 is not expected/],
    ['1 & 2', /'&' at column 3 does not belong/],
    ['1.5', /'\.' at column 2 does not belong/],
    ['1e3', /^Write 0x1e3/],
    ['0x1h', /'0x1h' at column 1 is not a number/],
    ['0x100 + 1 << 24', /'\+' at column 7 beside '<<' at column 11 can be read in two ways/],
    ['1 << 20 + 4', /'\+' at column 9 beside '<<' at column 3/],
    ['token:', /DMB token is missing at column 7/],
    ['token:0x1234', /bits below 2\^24/],
    ['token:0x100000000 + 2<<24 + 0x2000000', /term at column 29 shares bits/],
    ['0x10 + token:0x100000000', /'token:' at column 8 must come first/],
  ];
  for (const [text, why] of wrong)
    it(`refuses '${text}'`, () => {
      const result = parseOffset(text);
      assert.ok(
        !result.ok,
        JSON.stringify(result, (_, value: unknown) => String(value)),
      );
      assert.match(result.why, why);
    });
});
