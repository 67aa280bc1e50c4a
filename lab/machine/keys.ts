import { generateKeyPairSync } from 'node:crypto';
import { utils } from 'ssh2';

/** An ed25519 host key, in the forms that its users want. */
export interface HostKey {
  /** What the ssh server of the guest (dropbear) reads: see its ed25519.c. */
  readonly dropbear: Buffer;
  /** `ssh-ed25519 AAAA...`, as in known_hosts. */
  readonly publicLine: string;
}

/** An ed25519 key of the user. */
export interface Identity {
  /** OpenSSH's private key format, without a passphrase. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA... comment`. */
  readonly publicLine: string;
}

const keyType = 'ssh-ed25519';

export function newIdentity(comment: string): Identity {
  // About one in 250 of the keys that ssh2 makes it cannot read itself (some leading byte is lost); such a key would
  // make a lab that nobody can log in to.
  for (;;) {
    const pair = utils.generateKeyPairSync('ed25519', { comment });
    if (!(utils.parseKey(pair.private) instanceof Error))
      return { privateKey: pair.private, publicLine: pair.public.trim() };
  }
}

export function newHostKey(): HostKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d, x } = privateKey.export({ format: 'jwk' });
  if (!d || !x) throw new Error('Node gave no raw ed25519 key');
  const [secret, open] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  return {
    dropbear: Buffer.concat([sshString(keyType), sshString(Buffer.concat([secret, open]))]),
    publicLine: `${keyType} ${Buffer.concat([sshString(keyType), sshString(open)]).toString('base64')}`,
  };
}

/** A string of RFC 4251, section 5: length as u32 in network order, then the bytes. */
function sshString(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
