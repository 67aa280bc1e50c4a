import type { KnownHostEntry } from './knownHosts';
import { keyTypeOf } from './knownHosts';

/** Where accepted keys are kept: VS Code's Memento, or anything that can get and set. */
export interface KeyValueStore {
  get<T>(key: string, fallback: T): T;
  update(key: string, value: unknown): PromiseLike<void>;
}

const STORE_KEY = 'trustedHostKeys';

/** Keys that the user accepted on first use, by the name they were looked up with. */
export class TrustStore {
  constructor(private readonly store: KeyValueStore) {}

  /** The accepted keys in the shape of known_hosts entries, so that one judgement serves both. */
  entries(): KnownHostEntry[] {
    const all = this.store.get<Record<string, string[]>>(STORE_KEY, {});
    return Object.entries(all).flatMap(([name, keys]) =>
      keys.map((base64, index): KnownHostEntry => {
        const key = Buffer.from(base64, 'base64');
        return {
          file: "ISM Driver Tools' trust store",
          line: index + 1,
          marker: 'none',
          patterns: name,
          keyType: keyTypeOf(key),
          key,
        };
      }),
    );
  }

  async accept(name: string, key: Buffer): Promise<void> {
    const all = this.store.get<Record<string, string[]>>(STORE_KEY, {});
    await this.store.update(STORE_KEY, { ...all, [name]: [...(all[name] ?? []), key.toString('base64')] });
  }

  /** Forgets every key accepted for a name; used when a host was installed anew. */
  async forget(name: string): Promise<void> {
    const all = { ...this.store.get<Record<string, string[]>>(STORE_KEY, {}) };
    delete all[name];
    await this.store.update(STORE_KEY, all);
  }
}
