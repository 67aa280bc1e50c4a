import { fingerprint, keyTypeOf, type KnownHostEntry } from './knownHosts';

/** Where accepted keys are kept: VS Code's Memento, or anything that can get and set. */
export interface KeyValueStore {
  get<T>(key: string, fallback: T): T;
  update(key: string, value: unknown): PromiseLike<void>;
}

const STORE_KEY = 'trustedHostKeys';

/** What entries of ours have in place of a file. */
export const TRUST_STORE = 'ISM Driver Tools';

/** A key that a person accepted. */
export interface AcceptedKey {
  /** As it was looked up: a name, or `[name]:port`. */
  readonly name: string;
  readonly keyType: string;
  readonly fingerprint: string;
}

/** Keys that the user accepted on first use, by the name they were looked up with. */
export class TrustStore {
  constructor(private readonly store: KeyValueStore) {}

  /** The accepted keys in the shape of known_hosts entries, so that one judgement serves both. */
  entries(): KnownHostEntry[] {
    return this.keys().map(({ name, key }, index): KnownHostEntry => {
      const line = index + 1;
      return { file: TRUST_STORE, line, marker: 'none', patterns: name, keyType: keyTypeOf(key), key };
    });
  }

  /** All accepted keys, by name. */
  list(): AcceptedKey[] {
    return this.keys().map(({ name, key }) => ({
      name,
      keyType: keyTypeOf(key),
      fingerprint: fingerprint(key),
    }));
  }

  async accept(name: string, key: Buffer): Promise<void> {
    const all = this.all();
    await this.store.update(STORE_KEY, { ...all, [name]: [...(all[name] ?? []), key.toString('base64')] });
  }

  /** Removes accepted keys; the next connection asks about them as for a new host. */
  async remove(gone: readonly AcceptedKey[]): Promise<void> {
    const isGone = (name: string, base64: string): boolean =>
      gone.some(
        (each) => each.name === name && each.fingerprint === fingerprint(Buffer.from(base64, 'base64')),
      );
    const left = Object.entries(this.all()).flatMap(([name, keys]): [string, string[]][] => {
      const kept = keys.filter((base64) => !isGone(name, base64));
      return kept.length > 0 ? [[name, kept]] : [];
    });
    await this.store.update(STORE_KEY, Object.fromEntries(left));
  }

  private keys(): { readonly name: string; readonly key: Buffer }[] {
    return Object.entries(this.all())
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .flatMap(([name, keys]) => keys.map((base64) => ({ name, key: Buffer.from(base64, 'base64') })));
  }

  private all(): Record<string, string[]> {
    return this.store.get<Record<string, string[]>>(STORE_KEY, {});
  }
}
