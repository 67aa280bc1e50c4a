import type { RemoteText } from '../../protocol/remoteText';
import type { HostKeyQuestion } from './hostKeyCheck';

/** Where a secret would go: one login of one user, over one way. Two of them are never taken for each other. */
export interface LoginPlace {
  readonly user: string;
  readonly hostName: string;
  readonly port: number;
  /** The jump hosts on the way, `user@host:port` each, the first one first. */
  readonly route: readonly string[];
}

/**
 * What a secret is for. `login`: the password of this user on this host. `sudo`: the same user's password for sudo there.
 * `other`: anything else that a server asks, such as a one-time code, which is never kept.
 */
export type SecretKind = 'login' | 'sudo' | 'other';

export interface SecretRequest {
  readonly kind: SecretKind;
  readonly place: LoginPlace;
  /** What is asked: words of ours, or the server's. */
  readonly prompt: string | RemoteText;
  /** Whether the answer may be seen. */
  readonly echo: boolean;
  /** Counted from 1; more than 1 means that the answer before was not right. */
  readonly attempt: number;
}

/**
 * Everything that a connection may have to ask a person. The client answers with VS Code's dialogs, tests with
 * functions. undefined means that the person gave up. Made once for a connection, so that it knows what was answered already.
 */
export interface Prompts {
  acceptHostKey(question: HostKeyQuestion): Promise<boolean>;
  /** The passphrase of a key file. @param attempt counted from 1 */
  passphrase(keyFile: string, place: LoginPlace, attempt: number): Promise<string | undefined>;
  secret(request: SecretRequest): Promise<string | undefined>;
  uploadHelper(target: string, directory: string, bytes: number): Promise<boolean>;
}

/** How a person reads it. */
export const targetOf = ({ user, hostName }: Pick<LoginPlace, 'user' | 'hostName'>): string =>
  `${user}@${hostName}`;

/** `user@host:port`, which tells hosts apart that {@link targetOf} does not. */
export const addressOf = ({ user, hostName, port }: Pick<LoginPlace, 'user' | 'hostName' | 'port'>): string =>
  `${user}@${hostName}:${port}`;
