/** An SSH agent of which only some keys are used, as IdentitiesOnly asks. */
import {
  BaseAgent,
  createAgent,
  utils,
  type IdentityCallback,
  type ParsedKey,
  type PublicKeyEntry,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';

type Key = Buffer | ParsedKey;

/** ssh2's own agent answers with parsed keys; its types allow an entry around one as well. */
function plain(key: Key | PublicKeyEntry): Key {
  if (Buffer.isBuffer(key) || !('pubKey' in key)) return key;
  return plain(key.pubKey as Key | PublicKeyEntry);
}

/** The public key's blob, whichever form an agent hands out. */
const blobOf = (key: Key): Buffer => (Buffer.isBuffer(key) ? key : key.getPublicSSH());

export class ChosenKeysAgent extends BaseAgent<Key> {
  private readonly inner: BaseAgent<Key>;

  /**
   * @param socket the agent's socket
   * @param wanted blobs of the public keys that may be used; undefined means all
   * @param report one line that names the keys that will be offered
   */
  constructor(
    socket: string,
    private readonly wanted: readonly Buffer[] | undefined,
    private readonly report: (line: string) => void,
  ) {
    super();
    this.inner = createAgent(socket) as BaseAgent<Key>;
  }

  override getIdentities(callback: IdentityCallback<Key>): void {
    this.inner.getIdentities((error, keys) => {
      const chosen = (keys ?? [])
        .map(plain)
        .filter((key) => this.wanted?.some((blob) => blob.equals(blobOf(key))) ?? true);
      const names = chosen.map((key) => (Buffer.isBuffer(key) ? 'a key' : `${key.type} ${key.comment}`));
      if (!error) this.report(`the agent offers ${names.join(', ') || 'no key that may be used'}`);
      callback(error, chosen);
    });
  }

  override sign(
    publicKey: Key,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === 'function') this.inner.sign(publicKey, data, {}, options);
    else this.inner.sign(publicKey, data, options, callback);
  }
}

/** The blob of a public key line, `ssh-ed25519 AAAA... comment`; undefined when it is none. */
export function publicBlob(line: string): Buffer | undefined {
  const parsed = utils.parseKey(line);
  return parsed instanceof Error ? undefined : parsed.getPublicSSH();
}
