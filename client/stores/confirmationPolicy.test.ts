import assert from 'node:assert/strict';
import { confirmation } from './confirmationPolicy';

describe('whether a store is confirmed', () => {
  const host = { name: 'lab', confirmStores: false, production: undefined, loopback: true };
  it('is the rule', () => {
    assert.deepEqual(confirmation({ ...host, confirmStores: undefined }), { kind: 'ask' });
    assert.deepEqual(confirmation({ ...host, confirmStores: true }), { kind: 'ask' });
  });
  it('can be switched off for a lab on this machine', () =>
    assert.deepEqual(confirmation(host), { kind: 'skip' }));
  it('cannot be switched off elsewhere: the store is refused', () => {
    const answer = confirmation({ ...host, loopback: false });
    assert.ok(answer.kind === 'refuse');
    assert.match(answer.why, /'lab' has "confirmStores": false, which only a lab .* nothing was sent/);
  });
  it('cannot be switched off for production, wherever that is', () => {
    const answer = confirmation({ ...host, production: true });
    assert.ok(answer.kind === 'refuse');
    assert.match(answer.why, /'lab' is a production host/);
  });
});
