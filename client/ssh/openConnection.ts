/** Setting up one SSH connection through ssh2, with the safety that ssh2 leaves to its caller. */
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { Client, type AuthenticationType, type NextAuthHandler, type ServerHostKeyAlgorithm } from 'ssh2';
import { wordsOf } from '../../protocol/remoteText';
import { authMethods } from './authentication';
import { connectFailure } from './connectFailure';
import { HostKeyCheck } from './hostKeyCheck';
import { targetOf, type LoginPlace, type Prompts } from './prompts';
import type { ResolvedHost } from './sshConfig';
import { SshConnection } from './sshConnection';
import type { TrustStore } from './trustStore';
import { CancelledError } from '../base/cancelled';
import { UnreachableError, UserError } from '../base/userError';

export interface OpenOptions {
  readonly prompts: Prompts;
  readonly trust: TrustStore;
  /** Lines for the output channel. */
  readonly report: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** A stream to the host through a jump host; without it a connection of our own is made. */
  readonly through?: Duplex | undefined;
  /** The jump hosts on the way, see {@link LoginPlace}. */
  readonly route: readonly string[];
}

/** Names are not believed: what `localhost` means is a matter of settings. */
const isLoopbackAddress = (host: string): boolean =>
  host === '::1' || (net.isIPv4(host) && host.startsWith('127.'));

/**
 * Connects, verifies the host key, authenticates.
 *
 * @throws UserError with one sentence about what went wrong; CancelledError when the signal ended it
 */
export async function openConnection(host: ResolvedHost, options: OpenOptions): Promise<SshConnection> {
  const { prompts, trust, report, signal, through, route } = options;
  const timer = new Patience(host.connectTimeoutSeconds);
  const check = await HostKeyCheck.of(host, trust, (question) =>
    timer.during(prompts.acceptHostKey(question)),
  );
  if (signal?.aborted) throw new CancelledError();
  const place: LoginPlace = { user: host.user, hostName: host.hostName, port: host.port, route };
  const client = new Client();
  // Ours, so that it can be destroyed: ssh2 leaves one alone that the peer has half closed, and would wait for the peer.
  const socket = through ?? net.connect({ host: host.hostName, port: host.port });
  let reason = 'the connection was closed';
  const closed = new Promise<string>((resolve) => client.once('close', () => resolve(reason)));
  client.on('error', (error) => (reason = wordsOf(error).toString()));
  client.on('banner', (text) => report(`${host.hostName} says: ${wordsOf(text).lines(2000).trimEnd()}`));
  let cancel: (() => void) | undefined;
  try {
    timer.start();
    await new Promise<void>((resolve, reject) => {
      timer.onEnd = () => reject(silent(host));
      cancel = () => reject(new CancelledError());
      signal?.addEventListener('abort', cancel, { once: true });
      client.once('ready', resolve);
      client.once('error', (error) => reject(connectFailure(error, host)));
      client.once('close', () =>
        reject(new UnreachableError(`${host.hostName} closed the connection; try again later.`)),
      );
      client.connect({
        sock: socket,
        username: host.user,
        readyTimeout: 0, // questions to a person may take their time; `timer` bounds the rest
        keepaliveInterval: host.keepaliveSeconds * 1000,
        keepaliveCountMax: host.keepaliveCount,
        algorithms: { serverHostKey: check.algorithms() as ServerHostKeyAlgorithm[] },
        hostVerifier: verifier(check, reject),
        authHandler: authHandler(host, place, waiting(prompts, timer), report, reject),
      });
    });
  } catch (error) {
    client.destroy();
    socket.destroy();
    throw error;
  } finally {
    timer.stop();
    if (cancel) signal?.removeEventListener('abort', cancel);
  }
  client.setNoDelay(true);
  return new SshConnection(client, socket, {
    target: targetOf(place),
    place,
    closed,
    loopback: !through && isLoopbackAddress(host.hostName),
    signal,
  });
}

const silent = ({ hostName, port, connectTimeoutSeconds }: ResolvedHost): UnreachableError =>
  new UnreachableError(
    `${hostName}, port ${port}, did not answer within ${connectTimeoutSeconds} s; check the name, the network and the firewall.`,
  );

/**
 * ssh2 asks at the first key exchange and again at every later one. What is sent while it waits for an answer goes out
 * unframed and ends the link, so a later one is answered at once: with the key that was accepted, or no.
 */
function verifier(check: HostKeyCheck, reject: (error: Error) => void) {
  let accepted: Buffer | undefined;
  return (key: Buffer, verified: (ok: boolean) => void): void => {
    if (accepted) {
      verified(accepted.equals(key));
      return;
    }
    check.verify(key).then(
      () => {
        accepted = Buffer.from(key);
        verified(true);
      },
      (error: Error) => {
        reject(error); // first, so that this sentence wins over ssh2's own
        verified(false);
      },
    );
  };
}

/** ssh2 asks for one method after the other; false ends the attempt. */
function authHandler(
  host: ResolvedHost,
  place: LoginPlace,
  prompts: Prompts,
  report: (line: string) => void,
  reject: (error: Error) => void,
) {
  let left: readonly AuthenticationType[] | null = null;
  const methods = authMethods(host, place, prompts, report, () => left);
  return (
    methodsLeft: AuthenticationType[] | null,
    _partial: boolean | null,
    next: NextAuthHandler,
  ): void => {
    left = methodsLeft;
    methods.next().then(
      (step) => next(step.done ? (false as never) : step.value),
      (error: unknown) => {
        report(`authentication ended: ${wordsOf(error).toString()}`);
        if (error instanceof UserError) reject(error);
        next(false as never);
      },
    );
  };
}

/** A deadline that stands still while a person is being asked. */
class Patience {
  onEnd: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;
  private over = false;
  constructor(private readonly seconds: number) {}
  async during<T>(question: Promise<T>): Promise<T> {
    clearTimeout(this.timer);
    try {
      return await question;
    } finally {
      this.start();
    }
  }
  start(): void {
    clearTimeout(this.timer);
    if (!this.over) this.timer = setTimeout(() => this.onEnd(), this.seconds * 1000);
  }
  /** For good: a question that is answered after the end starts no time any more. */
  stop(): void {
    this.over = true;
    clearTimeout(this.timer);
  }
}

function waiting(prompts: Prompts, timer: Patience): Prompts {
  return {
    acceptHostKey: (...args) => timer.during(prompts.acceptHostKey(...args)),
    passphrase: (...args) => timer.during(prompts.passphrase(...args)),
    secret: (...args) => timer.during(prompts.secret(...args)),
    uploadHelper: (...args) => timer.during(prompts.uploadHelper(...args)),
  };
}
