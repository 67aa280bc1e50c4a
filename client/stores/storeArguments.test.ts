import assert from 'node:assert/strict';
import { readStoreArguments } from './storeArguments';

describe('the arguments of a store from a keybinding or a task', () => {
  it('are all optional', () => {
    assert.deepEqual(readStoreArguments(undefined), {});
    const all = { host: 'h', function: '0051:00:00.0', region: 0, offset: '4K', data: 'counter:8' };
    assert.deepEqual(readStoreArguments(all), all);
  });
  const wrong: [unknown, RegExp][] = [
    [[1], /must be an object|has no argument/],
    ['x', /must be an object/],
    [{ offset: 4096 }, /'offset' .* give it as a text in quotes/],
    [{ region: '0' }, /'region' .* whole number, 0 for BAR0/],
    [{ region: -1 }, /'region'/],
    [{ lenght: 4 }, /has no argument 'lenght'; it has host, function, region, offset and data/],
  ];
  for (const [given, why] of wrong)
    it(`refuses ${JSON.stringify(given)}`, () => assert.throws(() => readStoreArguments(given), why));
});
