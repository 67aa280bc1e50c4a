import assert from 'node:assert/strict';
import { neutralise } from './neutralise';

describe('text from a host', () => {
  it('keeps plain text', () => assert.equal(neutralise('ism_vfio_pci 0x61 ä'), 'ism_vfio_pci 0x61 ä'));
  it('loses control characters', () => assert.doesNotMatch(neutralise('a\u001b[31mb\nc\u0000d'), /\p{Cc}/u));
  it('loses marks that reorder text', () =>
    assert.doesNotMatch(neutralise('a\u202eb\u2066c\u200bd'), /[\u202e\u2066\u200b]/));
  it('has a bound', () => assert.ok(neutralise('x'.repeat(10_000)).length < 600));
});
