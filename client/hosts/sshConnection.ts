/** One SSH connection through ssh2, with the safety that ssh2 leaves to its caller. */
import { isIPv4 } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  Client,
  type AuthenticationType,
  type ClientChannel,
  type NextAuthHandler,
  type SFTPWrapper,
  type ServerHostKeyAlgorithm,
} from 'ssh2';
import { authMethods } from './authentication';
import { HostKeyCheck } from './hostKeyCheck';
import { readKnownHosts } from './knownHosts';
import type { Prompts } from './prompts';
import type { ResolvedHost } from './sshConfig';
import type { TrustStore } from './trustStore';
import { t } from '../l10n';
import { UnreachableError, UserError } from './userError';

/** What one remote command printed. Output beyond the limit ends the command with an error. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const OUTPUT_LIMIT = 64 * 1024;

const isLoopbackAddress = (host: string): boolean =>
  host === '::1' || (isIPv4(host) && host.startsWith('127.'));

export class SshConnection {
  private constructor(
    private readonly client: Client,
    readonly target: string,
    /** Settles when the connection is gone, with the reason. */
    readonly closed: Promise<string>,
    /** Reached directly at a loopback address. Names are not believed: what `localhost` means is a matter of settings. */
    readonly loopback: boolean,
  ) {}

  /**
   * Connects, verifies the host key, authenticates.
   *
   * @param through a stream to the host through a jump host; without it a connection of our own is made
   * @throws UserError with one sentence about what went wrong
   */
  static async open(
    host: ResolvedHost,
    prompts: Prompts,
    trust: TrustStore,
    report: (line: string) => void,
    signal?: AbortSignal,
    through?: Duplex,
  ): Promise<SshConnection> {
    const knownHosts = await readKnownHosts(host.knownHostsFiles);
    const timer = new Patience(host.connectTimeoutSeconds);
    const check = new HostKeyCheck(host, knownHosts, trust, (question) =>
      timer.during(prompts.acceptHostKey(question)),
    );
    const client = new Client();
    let reason = 'the connection was closed';
    const closed = new Promise<string>((resolve) => client.once('close', () => resolve(reason)));
    client.on('error', (error) => (reason = error.message));
    try {
      await new Promise<void>((resolve, reject) => {
        timer.onEnd = () =>
          reject(
            new UnreachableError(
              t(
                '{0}, port {1}, did not answer within {2} s; check the name, the network and the firewall.',
                host.hostName,
                host.port,
                host.connectTimeoutSeconds,
              ),
            ),
          );
        const cancelled = (): void => reject(new UserError(t('Connecting was cancelled.')));
        // It may have been asked for while the configuration was read, before anybody listened.
        if (signal?.aborted) return cancelled();
        signal?.addEventListener('abort', cancelled, { once: true });
        client.once('ready', resolve);
        client.once('error', (error) => reject(explain(error, host)));
        client.once('close', () =>
          reject(new UnreachableError(t('{0} closed the connection; try again later.', host.hostName))),
        );
        client.connect({
          ...(through ? { sock: through } : { host: host.hostName, port: host.port }),
          username: host.user,
          readyTimeout: 0, // questions to a person may take their time; `timer` bounds the rest
          keepaliveInterval: host.keepaliveSeconds * 1000,
          keepaliveCountMax: host.keepaliveCount,
          algorithms: { serverHostKey: check.algorithms() as ServerHostKeyAlgorithm[] },
          hostVerifier: (key: Buffer, verified: (ok: boolean) => void) => {
            check.verify(key).then(
              () => verified(true),
              (error: Error) => {
                reject(error); // first, so that this sentence wins over ssh2's own
                verified(false);
              },
            );
          },
          authHandler: authHandler(host, waiting(prompts, timer), report),
        });
      });
    } catch (error) {
      client.destroy();
      throw error;
    } finally {
      timer.stop();
    }
    client.setNoDelay(true);
    return new SshConnection(
      client,
      `${host.user}@${host.hostName}`,
      closed,
      !through && isLoopbackAddress(host.hostName),
    );
  }

  /**
   * Opens a channel that runs a command; the command must be our own text, never a remote answer.
   *
   * @param use gets the channel before anything that came over it is handed out: a short command's exit code arrives
   * in the same packet as the channel itself and would be missed by who listens a moment later
   */
  exec<T>(command: string, use: (channel: ClientChannel) => T): Promise<Awaited<T>> {
    return new Promise<T>((resolve, reject) =>
      this.client.exec(command, (error, channel) => (error ? reject(error) : resolve(use(channel)))),
    ) as Promise<Awaited<T>>;
  }

  /** Runs a command to its end, with bytes for its standard input if it wants any. */
  run(command: string, input?: Buffer): Promise<CommandResult> {
    return this.exec(command, (channel) => {
      let stdout = '';
      let stderr = '';
      return new Promise<CommandResult>((resolve, reject) => {
        const add = (text: string, more: string): string => {
          if (text.length + more.length > OUTPUT_LIMIT) {
            channel.close();
            reject(new Error(`'${command}' printed more than ${OUTPUT_LIMIT} bytes`));
          }
          return text + more;
        };
        channel.on('data', (data: Buffer) => (stdout = add(stdout, data.toString('utf8'))));
        channel.stderr.on('data', (data: Buffer) => (stderr = add(stderr, data.toString('utf8'))));
        let code: number | null = null;
        channel.on('exit', (exit: number | null) => (code = exit));
        channel.on('error', reject);
        channel.on('close', () => resolve({ code, stdout, stderr }));
        channel.end(input);
      });
    });
  }

  /** A stream from this host to another one, for a connection through it. */
  forward(hostName: string, port: number): Promise<Duplex> {
    return new Promise((resolve, reject) =>
      this.client.forwardOut('127.0.0.1', 0, hostName, port, (error, stream) =>
        error ? reject(error) : resolve(stream),
      ),
    );
  }

  sftp(): Promise<SFTPWrapper> {
    return new Promise((resolve, reject) =>
      this.client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp))),
    );
  }

  /** Ends the connection; channels and what they run on the host end with it. */
  end(): void {
    this.client.end();
    // A peer that is gone never answers the farewell.
    setTimeout(() => this.client.destroy(), 2000).unref();
  }
}

/** ssh2 asks for one method after the other; false ends the attempt. */
function authHandler(host: ResolvedHost, prompts: Prompts, report: (line: string) => void) {
  let left: readonly AuthenticationType[] | null = null;
  const methods = authMethods(host, prompts, report, () => left);
  return (
    methodsLeft: AuthenticationType[] | null,
    _partial: boolean | null,
    next: NextAuthHandler,
  ): void => {
    left = methodsLeft;
    methods.next().then(
      (step) => next(step.done ? (false as never) : step.value),
      (error: unknown) => {
        report(`authentication ended: ${String(error)}`);
        next(false as never);
      },
    );
  };
}

/** A deadline that stands still while a person is being asked. */
class Patience {
  onEnd: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;
  constructor(private readonly seconds: number) {
    this.start();
  }
  async during<T>(question: Promise<T>): Promise<T> {
    this.stop();
    try {
      return await question;
    } finally {
      this.start();
    }
  }
  stop(): void {
    clearTimeout(this.timer);
  }
  private start(): void {
    this.timer = setTimeout(() => this.onEnd(), this.seconds * 1000);
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

/** One sentence for what Node and ssh2 report while connecting. */
function explain(error: Error & { code?: string; level?: string }, host: ResolvedHost): UserError {
  const where = `${host.hostName}, port ${host.port},`;
  const detail = error.stack ?? error.message;
  const say = (text: string): UserError => new UserError(text, detail);
  const away = (text: string): UserError => new UnreachableError(text, detail);
  if (error.level === 'client-authentication')
    return say(
      `${where} did not accept any key or password for user '${host.user}'; check the user name and the IdentityFile in the SSH configuration.`,
    );
  switch (error.code ?? '') {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return away(`The host name '${host.hostName}' cannot be found; check its spelling and the network.`);
    case 'ECONNREFUSED':
      return away(`${where} refuses connections; check that the host is up and sshd listens there.`);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return away(`${where} cannot be reached from here; check the network or VPN.`);
    case 'ETIMEDOUT':
      return away(`${where} did not answer; check the name, the network and the firewall.`);
    case 'ECONNRESET':
      return away(
        `${where} closed the connection before it was set up; check that an SSH server listens there.`,
      );
  }
  if (error.level === 'handshake' || error.level === 'protocol')
    return say(`${where} and this extension could not agree on how to talk: ${error.message}.`);
  return say(`${where} could not be connected: ${error.message}.`);
}
