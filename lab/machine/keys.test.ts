import assert from 'node:assert/strict';
import { utils } from 'ssh2';
import { newHostKey, newIdentity } from './keys';

describe('keys of a lab', () => {
  it('are identities that ssh2 reads, each different', () => {
    const identity = newIdentity('lab test');
    const key = utils.parseKey(identity.privateKey);
    assert.ok(!(key instanceof Error));
    assert.equal(key.type, 'ssh-ed25519');
    assert.match(identity.publicLine, /^ssh-ed25519 \S+ lab test$/);
    assert.equal(identity.publicLine.split(' ')[1], key.getPublicSSH().toString('base64'));
    assert.notEqual(newIdentity('lab test').privateKey, identity.privateKey);
  });

  it('are host keys whose public half is the one that clients check', () => {
    const key = newHostKey();
    const [type, blob = ''] = key.publicLine.split(' ');
    assert.equal(type, 'ssh-ed25519');
    const raw = Buffer.from(blob, 'base64').subarray(-32);
    // dropbear: name, then 64 bytes, of which the second half is the public key.
    assert.equal(key.dropbear.length, 4 + 11 + 4 + 64);
    assert.deepEqual(key.dropbear.subarray(-32), raw);
  });
});
