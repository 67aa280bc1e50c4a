/** One SSH connection that is set up: commands and streams over it. Every wait has an end. */
import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { RemoteText, wordsOf } from '../../protocol/remoteText';
import { bounded } from '../base/bounded';
import type { LoginPlace } from './prompts';
import { UserError } from '../base/userError';

/** What one remote command printed. Output beyond the limit ends the command with an error. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: RemoteText;
  readonly stderr: RemoteText;
}

const OUTPUT_LIMIT = 64 * 1024;
/** How long a command of ours may take. A start file of the shell that hangs (a dead NFS, a directory service) ends here. */
const COMMAND_SECONDS = 30;
/** How long a file of a megabyte may take on a slow line. */
const UPLOAD_SECONDS = 300;
/** A server with `MaxSessions 1` refuses a channel until it has noticed that the one before is closed. */
const CHANNEL_TRIES = 8;
const CHANNEL_PAUSE_MS = 150;

export interface ConnectionFacts {
  /** user@host */
  readonly target: string;
  /** Where its passwords belong. */
  readonly place: LoginPlace;
  /** Settles when the connection is gone, with the reason. */
  readonly closed: Promise<string>;
  /** Reached directly at a loopback address. */
  readonly loopback: boolean;
  /** Ends every wait. */
  readonly signal?: AbortSignal | undefined;
}

export class SshConnection {
  readonly target: string;
  readonly place: LoginPlace;
  readonly closed: Promise<string>;
  readonly loopback: boolean;
  readonly signal: AbortSignal | undefined;

  constructor(
    private readonly client: Client,
    private readonly socket: Duplex,
    facts: ConnectionFacts,
  ) {
    this.target = facts.target;
    this.place = facts.place;
    this.closed = facts.closed;
    this.loopback = facts.loopback;
    this.signal = facts.signal;
  }

  /**
   * Opens a channel that runs a command; the command must be our own text, never a remote answer.
   *
   * @param use gets the channel before anything that came over it is handed out: a short command's exit code arrives
   * in the same packet as the channel itself and would be missed by who listens a moment later
   * @throws UserError when the host allows no channel
   */
  async exec<T>(command: string, use: (channel: ClientChannel) => T): Promise<Awaited<T>> {
    const opened = await this.channel<{ readonly used: T }>((done) =>
      this.client.exec(command, (error, channel) =>
        error ? done(error) : done(undefined, { used: use(channel) }),
      ),
    );
    return await opened.used;
  }

  /** Runs a command to its end, with bytes for its standard input if it wants any. */
  run(command: string, input?: Buffer): Promise<CommandResult> {
    let running: ClientChannel | undefined;
    const work = this.exec(command, (channel) => {
      running = channel;
      return collect(channel, command, input);
    });
    return bounded(work, {
      seconds: input ? UPLOAD_SECONDS : COMMAND_SECONDS,
      late: () =>
        new UserError(
          `${this.target} did not carry out a command within ${input ? UPLOAD_SECONDS : COMMAND_SECONDS} s; check the start files of its login shell, and that its home directory answers.`,
          command,
        ),
      ...{ signal: this.signal, gone: this.closed },
    }).catch((error: unknown) => {
      running?.close();
      throw error;
    });
  }

  /** A stream from this host to another one, for a connection through it. */
  forward(hostName: string, port: number, seconds: number): Promise<Duplex> {
    const work = new Promise<Duplex>((resolve, reject) =>
      this.client.forwardOut('127.0.0.1', 0, hostName, port, (error, stream) =>
        error ? reject(error) : resolve(stream),
      ),
    );
    const late = (): Error => new Error(`no answer within ${seconds} s`);
    return bounded(work, { seconds, late, signal: this.signal, gone: this.closed });
  }

  /** Ends the connection; channels and what they run on the host end with it. */
  end(): void {
    this.client.end();
    // A peer that is gone never answers the farewell.
    setTimeout(() => this.socket.destroy(), 2000).unref();
  }

  /** Opens a channel, also on a server that has not yet closed the one before. */
  private async channel<T>(open: (done: (error: Error | undefined, opened?: T) => void) => void): Promise<T> {
    for (let attempt = 1; ; attempt++)
      try {
        return await bounded(
          new Promise<T>((resolve, reject) =>
            open((error, opened) =>
              opened === undefined ? reject(error ?? new Error('no channel')) : resolve(opened),
            ),
          ),
          {
            seconds: COMMAND_SECONDS,
            late: () => new UserError(`${this.target} opened no channel within ${COMMAND_SECONDS} s.`),
            ...{ signal: this.signal, gone: this.closed },
          },
        );
      } catch (error) {
        if (!isRefusedChannel(error)) throw error;
        if (attempt === CHANNEL_TRIES)
          throw new UserError(
            `${this.target} allows no further session over this connection (${wordsOf(error).inSentence()}); its administrator can raise MaxSessions of sshd.`,
            String(error),
          );
        await new Promise((resolve) => setTimeout(resolve, CHANNEL_PAUSE_MS * attempt));
      }
  }
}

/** ssh2 gives SSH_MSG_CHANNEL_OPEN_FAILURE's reason; 1 is SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, 2 CONNECT_FAILED (RFC 4254, 5.1). */
const isRefusedChannel = (error: unknown): boolean =>
  error instanceof Error && 'reason' in error && !(error instanceof UserError);

function collect(channel: ClientChannel, command: string, input: Buffer | undefined): Promise<CommandResult> {
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
    channel.on('close', () =>
      resolve({ code, stdout: new RemoteText(stdout), stderr: new RemoteText(stderr) }),
    );
    channel.end(input);
  });
}
