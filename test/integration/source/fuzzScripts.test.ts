import assert from 'node:assert/strict';
import { fuzzScripts } from '../../fuzz/scriptEdits';

describe('random edits on a store script', () => {
  it('are read without a crash, with one mistake a line (npm run fuzz -- scripts does more)', function () {
    this.timeout(60_000);
    const { runnable } = fuzzScripts(10_000, 3);
    assert.ok(runnable > 100, `${runnable}`);
  });
});
