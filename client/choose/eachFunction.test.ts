import assert from 'node:assert/strict';
import { eachFunction } from './eachFunction';

describe('one step for each function', () => {
  it('goes on after a failure and says which one it was', async () => {
    const begun: string[] = [];
    const outcomes = await eachFunction(
      ['a', 'b', 'c'],
      (item) => (item === 'b' ? Promise.reject(new Error('busy')) : Promise.resolve()),
      (item, index) => begun.push(`${index} ${item}`),
      new AbortController().signal,
    );
    assert.deepEqual(begun, ['0 a', '1 b', '2 c']);
    assert.deepEqual(
      outcomes.map(({ item, result }) => `${item} ${result}`),
      ['a done', 'b failed', 'c done'],
    );
    assert.match(outcomes[1]?.why ?? '', /busy/);
  });

  it('finishes the function it is at when it is cancelled, and leaves the others alone', async () => {
    const abort = new AbortController();
    const done: string[] = [];
    const outcomes = await eachFunction(
      ['a', 'b', 'c'],
      async (item) => {
        if (item === 'b') abort.abort();
        await Promise.resolve();
        done.push(item);
      },
      () => undefined,
      abort.signal,
    );
    assert.deepEqual(done, ['a', 'b']);
    assert.deepEqual(
      outcomes.map(({ result }) => result),
      ['done', 'done', 'not started'],
    );
  });
});
