import assert from 'node:assert/strict';
import { fuzzMessages } from './fuzzMessages';

describe('the protocol under fire', () => {
  it('meets 60,000 malformed messages with an answer or a reason, never with a fault of its own', () => {
    const outcome = fuzzMessages(60_000, 20261122);
    // Both kinds have to be there, else the messages say nothing.
    assert.ok(outcome.answered > 5000 && outcome.refused > 5000, JSON.stringify(outcome));
  });
});
