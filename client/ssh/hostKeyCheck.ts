import type { ResolvedHost } from './sshConfig';
import {
  fingerprint,
  judgeHostKey,
  keyTypeOf,
  lookupNames,
  entriesFor,
  readKnownHosts,
  type HostKeyVerdict,
  type KnownHostEntry,
} from './knownHosts';
import { readRevokedHostKeys } from './revokedHostKeys';
import { TRUST_STORE, type TrustStore } from './trustStore';
import { UserError } from '../base/userError';

/** What the user is asked when a host shows a key that nothing is known about. */
export interface HostKeyQuestion {
  readonly host: string;
  readonly port: number;
  readonly keyType: string;
  readonly fingerprint: string;
}

type Ask = (question: HostKeyQuestion) => Promise<boolean>;

/**
 * Decides about one host's key before anything else is said to that host: no user name, no key, no password.
 *
 * known_hosts comes first. Keys that a person accepted here count only where known_hosts says nothing of the host. What of the
 * configuration cannot be honoured ends the connection.
 */
export class HostKeyCheck {
  private constructor(
    private readonly host: ResolvedHost,
    private readonly entries: readonly KnownHostEntry[],
    private readonly revoked: readonly Buffer[],
    private readonly trust: TrustStore,
    private readonly ask: Ask,
  ) {}

  /** @throws UserError when something that could forbid a key cannot be read or is not supported */
  static async of(host: ResolvedHost, trust: TrustStore, ask: Ask): Promise<HostKeyCheck> {
    if (host.knownHostsCommand !== undefined)
      throw new UserError(
        `The SSH configuration asks a KnownHostsCommand for the host keys of ${host.hostName}, which this extension does not run, so no host key can be checked; add the key of this host to known_hosts and set KnownHostsCommand none for it.`,
      );
    const entries = await readKnownHosts(host.knownHostsFiles);
    return new HostKeyCheck(host, entries, await readRevokedHostKeys(host.revokedHostKeysFiles), trust, ask);
  }

  /**
   * Host key algorithms in the order to offer them: those of keys already known first, so that the server shows
   * the key that can be verified.
   */
  algorithms(): string[] {
    const all = [
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
      'rsa-sha2-512',
      'rsa-sha2-256',
    ];
    const named = this.names().flatMap((name) => entriesFor(this.entries, name));
    const plain = named.filter(({ marker }) => marker === 'none');
    const accepted = this.names().flatMap((name) => entriesFor(this.trust.entries(), name));
    const known = new Set((plain.length > 0 ? plain : accepted).map(({ keyType }) => keyType));
    const isKnown = (algorithm: string): boolean =>
      known.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
    return [...all.filter(isKnown), ...all.filter((algorithm) => !isKnown(algorithm))];
  }

  /**
   * Returns when the key may be trusted.
   *
   * @throws UserError when it must not be: changed, revoked, or unknown and not accepted
   */
  async verify(key: Buffer): Promise<void> {
    const { hostName } = this.host;
    const shown = `${keyTypeOf(key)} ${fingerprint(key)}`;
    if (this.revoked.some((each) => each.equals(key)))
      throw revoked(hostName, 'the SSH configuration (RevokedHostKeys)', shown);
    const verdict = this.judge(key);
    switch (verdict.kind) {
      case 'known':
        return;
      case 'revoked':
        throw revoked(hostName, place(verdict.entry), shown);
      case 'changed':
        throw new UserError(
          `The host key of ${hostName} has changed: it shows ${shown}, but ${place(verdict.entry)} has ${verdict.entry.keyType} ${fingerprint(verdict.entry.key)}; somebody may be listening in, so nothing was sent. ${howToRemove(verdict.entry)}`,
        );
      case 'unknown':
        this.refuseAuthority(shown);
        await this.firstUse(key, shown);
    }
  }

  /** What known_hosts says, and only where it says nothing what a person accepted here. */
  private judge(key: Buffer): HostKeyVerdict {
    const { hostName, port, hostKeyAlias } = this.host;
    const verdict = judgeHostKey(this.entries, hostName, port, key, hostKeyAlias);
    if (verdict.kind !== 'unknown' || this.authority()) return verdict;
    return judgeHostKey(this.trust.entries(), hostName, port, key, hostKeyAlias);
  }

  private names(): string[] {
    const { hostName, port, hostKeyAlias } = this.host;
    return lookupNames(hostName, port, hostKeyAlias);
  }

  private authority(): KnownHostEntry | undefined {
    return this.names()
      .flatMap((name) => entriesFor(this.entries, name))
      .find(({ marker }) => marker === 'cert-authority');
  }

  /** A certificate is neither asked for nor checked: then the authority's word about this host, a revocation say, is not heard. */
  private refuseAuthority(shown: string): void {
    const entry = this.authority();
    if (entry)
      throw new UserError(
        `${place(entry)} vouches for ${this.host.hostName} by certificates, which this extension cannot check, so nothing was sent; add the key of the host itself (${shown}) to known_hosts after comparing it.`,
      );
  }

  private async firstUse(key: Buffer, shown: string): Promise<void> {
    const { hostName, port, hostKeyAlias, strictHostKeyChecking } = this.host;
    const name = lookupNames(hostName, port, hostKeyAlias)[0] ?? hostName;
    if (strictHostKeyChecking === 'yes')
      throw new UserError(
        `The host key of ${hostName} is not known (${shown}) and StrictHostKeyChecking forbids to ask; add the key to known_hosts and connect again.`,
      );
    const question = { host: hostName, port, keyType: keyTypeOf(key), fingerprint: fingerprint(key) };
    if (strictHostKeyChecking === 'ask' && !(await this.ask(question)))
      throw new UserError(`The host key of ${hostName} was not accepted, so nothing was sent to it.`);
    await this.trust.accept(name, key);
  }
}

const revoked = (hostName: string, by: string, shown: string): UserError =>
  new UserError(
    `${hostName} shows a host key that ${by} marks as revoked (${shown}); do not use this host until its administrator has replaced the key.`,
  );

const place = (entry: KnownHostEntry): string =>
  entry.file === TRUST_STORE
    ? `the key that you accepted for ${entry.patterns}`
    : `${entry.file}, line ${entry.line},`;

const howToRemove = (entry: KnownHostEntry): string =>
  entry.file === TRUST_STORE
    ? 'If the host was really installed again, remove the old key with the command "ISM: Accepted Host Keys" and connect again.'
    : 'If the host was really installed again, remove that line and connect again.';
