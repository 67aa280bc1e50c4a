import type { ResolvedHost } from './sshConfig';
import {
  fingerprint,
  judgeHostKey,
  keyTypeOf,
  lookupNames,
  entriesFor,
  type KnownHostEntry,
} from './knownHosts';
import type { TrustStore } from './trustStore';
import { t } from '../l10n';
import { UserError } from './userError';

/** What the user is asked when a host shows a key that nothing is known about. */
export interface HostKeyQuestion {
  readonly host: string;
  readonly port: number;
  readonly keyType: string;
  readonly fingerprint: string;
}

/**
 * Decides about one host's key before anything else is said to that host: no user name, no key, no password.
 */
export class HostKeyCheck {
  constructor(
    private readonly host: ResolvedHost,
    private readonly entries: readonly KnownHostEntry[],
    private readonly trust: TrustStore,
    private readonly ask: (question: HostKeyQuestion) => Promise<boolean>,
  ) {}

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
    const names = lookupNames(this.host.hostName, this.host.port, this.host.hostKeyAlias);
    const known = new Set(
      names
        .flatMap((name) => entriesFor([...this.entries, ...this.trust.entries()], name))
        .map((e) => e.keyType),
    );
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
    const { hostName, port, hostKeyAlias } = this.host;
    const entries = [...this.entries, ...this.trust.entries()];
    const verdict = judgeHostKey(entries, hostName, port, key, hostKeyAlias);
    const shown = `${keyTypeOf(key)} ${fingerprint(key)}`;
    switch (verdict.kind) {
      case 'known':
        return;
      case 'revoked':
        throw new UserError(
          t(
            '{0} shows a host key that {1} marks as revoked ({2}); do not use this host until its administrator has replaced the key.',
            hostName,
            place(verdict.entry),
            shown,
          ),
        );
      case 'changed':
        throw new UserError(
          t(
            'The host key of {0} has changed: it shows {1}, but {2} has {3} {4}; somebody may be listening in, so nothing was sent. If the host was really installed anew, remove the old key and connect again.',
            hostName,
            shown,
            place(verdict.entry),
            verdict.entry.keyType,
            fingerprint(verdict.entry.key),
          ),
        );
      case 'unknown':
        await this.firstUse(key, shown);
    }
  }

  private async firstUse(key: Buffer, shown: string): Promise<void> {
    const { hostName, port, hostKeyAlias, strictHostKeyChecking } = this.host;
    const name = lookupNames(hostName, port, hostKeyAlias)[0] ?? hostName;
    if (strictHostKeyChecking === 'yes')
      throw new UserError(
        t(
          'The host key of {0} is not known ({1}) and StrictHostKeyChecking forbids to ask; add the key to known_hosts and connect again.',
          hostName,
          shown,
        ),
      );
    const question = { host: hostName, port, keyType: keyTypeOf(key), fingerprint: fingerprint(key) };
    if (strictHostKeyChecking === 'ask' && !(await this.ask(question)))
      throw new UserError(t('The host key of {0} was not accepted, so nothing was sent to it.', hostName));
    await this.trust.accept(name, key);
  }
}

const place = (entry: KnownHostEntry): string => `${entry.file}, line ${entry.line},`;
