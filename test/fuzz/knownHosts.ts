/**
 * Damaged known_hosts files. What must be true of each: it is read, or refused with a UserError; a key that a line revokes is never
 * taken, whatever happened to the *other* lines.
 */
import { createHmac } from 'node:crypto';
import { judgeHostKey, parseKnownHosts } from '../../client/ssh/knownHosts';
import { UserError } from '../../client/base/userError';
import { generator, mutated } from './random';

/** A key blob as RFC 4253, section 6.6, has it: the name of its type, then bytes. */
function keyOf(type: string, fill: number): Buffer {
  const name = Buffer.from(type);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(name.length);
  return Buffer.concat([head, name, Buffer.alloc(36, fill)]);
}

const host = 'lpar.example.org';
const revokedKey = keyOf('ssh-ed25519', 1);
const text = (key: Buffer): string => key.toString('base64');

/** The line of a host whose name is hashed, with a salt that is always the same. */
function hashed(name: string, key: Buffer): string {
  const salt = Buffer.alloc(20, 7);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash} ssh-ed25519 ${text(key)}`;
}

const others = [
  '# a comment',
  '',
  `${host} ssh-ed25519 ${text(revokedKey)}`,
  `${host},10.0.0.1 ssh-rsa ${text(keyOf('ssh-rsa', 2))} someone@somewhere`,
  `[${host}]:2222 ecdsa-sha2-nistp256 ${text(keyOf('ecdsa-sha2-nistp256', 3))}`,
  `*.example.org,!${host} ssh-ed25519 ${text(keyOf('ssh-ed25519', 4))}`,
  hashed(host, revokedKey),
  hashed('other.example.org', keyOf('ssh-ed25519', 5)),
  `@cert-authority *.example.org ssh-ed25519 ${text(keyOf('ssh-ed25519', 6))}`,
  'old.example.org 1024 35 123456789',
];
const revoking = [
  `@revoked ${host} ssh-ed25519 ${text(revokedKey)}`,
  `@revoked * ssh-ed25519 ${text(revokedKey)}`,
  `@revoked ${hashed(host, revokedKey)}`,
];

/**
 * @returns how many files were read and how many were refused
 * @throws with the file that breaks a promise
 */
export function fuzzKnownHosts(rounds: number, seed = 1): { read: number; refused: number } {
  const random = generator(seed);
  const count = { read: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    const lines = Array.from({ length: 1 + random(12) }, () => others[random(others.length)] ?? '');
    const damaged = mutated(Buffer.from(lines.join('\n')), random).toString('utf8');
    const revoke = revoking[random(revoking.length)] ?? '';
    const parts = random(2) ? [damaged, revoke] : [revoke, damaged];
    const file = parts.join(random(2) ? '\n' : '\r\n');
    try {
      const entries = parseKnownHosts(file, 'known_hosts');
      const verdict = judgeHostKey(entries, host, random(2) ? 22 : 2222, revokedKey);
      if (verdict.kind !== 'revoked')
        throw new Error(`a revoked key counts as ${verdict.kind} in ${JSON.stringify(file)}`);
      count.read++;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      count.refused++;
    }
  }
  return count;
}
