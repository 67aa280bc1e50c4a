import assert from 'node:assert/strict';
import { fuzzJournal } from '../../fuzz/journal';
import { fuzzKnownHosts } from '../../fuzz/knownHosts';

describe('readers of files that may be damaged', function () {
  this.timeout(120_000);

  it('take no revoked key, whatever happens to the other lines (npm run fuzz -- known-hosts does more)', () => {
    const { read, refused } = fuzzKnownHosts(20_000, 5);
    assert.ok(read > 1000 && refused > 1000, `${read} ${refused}`);
  });

  it('lose no line of a journal that is whole (npm run fuzz -- journal does more)', async () => {
    const { whole, damaged } = await fuzzJournal(300, 5);
    assert.ok(whole > 300 && damaged > 30, `${whole} ${damaged}`);
  });
});
