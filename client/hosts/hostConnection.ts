/** The connection of one host: its states, and how it comes back after the link was lost. */
import { neutralise } from '../../protocol/remoteText';
import { CancelledError } from '../base/cancelled';
import { sentenceOf, UnreachableError, UserError } from '../base/userError';
import type { RemoteSession } from '../helper/remote';
import { backOffSeconds } from './backOff';
import type { HostState } from './hostState';

/** Connects; called once for each attempt, and quiet (without a question) when the connection comes back by itself. */
export type OpenSession = (signal: AbortSignal, quiet: boolean) => Promise<RemoteSession>;

export interface ConnectionListener {
  /** Reads what a connected host shows, before it counts as connected. @returns what makes that visible */
  readonly prepare: (session: RemoteSession) => Promise<() => void>;
  /** The session has ended, on purpose or not. */
  readonly ended: () => void;
  /** The state has changed. */
  readonly changed: () => void;
}

export class HostConnection {
  private currentState: HostState = { kind: 'disconnected' };
  private currentSession: RemoteSession | undefined;
  private abort: AbortController | undefined;
  private waiting: NodeJS.Timeout | undefined;

  /** @param hostName for messages */
  constructor(
    private readonly hostName: string,
    private readonly openSession: OpenSession,
    private readonly listener: ConnectionListener,
  ) {}

  get state(): HostState {
    return this.currentState;
  }

  /** The session of a connected host. */
  get session(): RemoteSession | undefined {
    return this.currentSession;
  }

  /**
   * Connects; does nothing when connected, and ends the wait when reconnecting. The failure is kept in the state and thrown.
   *
   * @throws UserError with one sentence; CancelledError when it was disconnected meanwhile
   */
  async connect(): Promise<void> {
    if (this.currentState.kind === 'connected') return;
    if (this.currentState.kind === 'connecting')
      throw new UserError(`${this.hostName} is already connecting. Wait, or disconnect it.`);
    this.stopWaiting();
    const abort = this.newAttempt();
    try {
      await this.attempt(false, abort);
    } catch (error) {
      // A newer attempt, or a disconnect, has set the state since.
      if (this.isCurrent(abort)) this.setState({ kind: 'failed', why: sentenceOf(error) });
      throw abort.signal.aborted ? new CancelledError() : error;
    }
  }

  disconnect(): void {
    this.abort?.abort();
    this.stopWaiting();
    const session = this.currentSession;
    this.currentSession = undefined;
    this.listener.ended();
    session?.dispose();
    this.setState({ kind: 'disconnected' });
  }

  dispose(): void {
    this.abort?.abort();
    this.stopWaiting();
    this.currentSession?.dispose();
  }

  /** Aborts the attempt before: its late answer no longer counts. */
  private newAttempt(): AbortController {
    this.abort?.abort();
    return (this.abort = new AbortController());
  }

  private isCurrent(abort: AbortController): boolean {
    return this.abort === abort && !abort.signal.aborted;
  }

  private async attempt(quiet: boolean, abort: AbortController): Promise<void> {
    this.setState({ kind: 'connecting' });
    const session = await this.openSession(abort.signal, quiet);
    abort.signal.addEventListener('abort', () => session.dispose(), { once: true });
    try {
      if (!this.isCurrent(abort)) throw new CancelledError();
      const show = await this.listener.prepare(session);
      if (!this.isCurrent(abort)) throw new CancelledError();
      this.currentSession = session;
      show();
      const { hello, target, privilege } = session;
      this.setState({ kind: 'connected', hello, target, privilege });
      void session.channel.closed.then((reason) => this.lost(session, reason));
    } catch (error) {
      session.dispose();
      if (error instanceof UserError || error instanceof CancelledError) throw error;
      throw new UserError(
        `The helper on ${this.hostName} gave no valid answer (${neutralise(sentenceOf(error))}). Connect again.`,
        error instanceof Error ? error.stack : undefined,
      );
    }
  }

  private lost(session: RemoteSession, reason: Error): void {
    if (this.currentSession !== session) return; // ended on purpose
    this.currentSession = undefined;
    this.listener.ended();
    session.dispose();
    this.reconnect(`The connection to ${this.hostName} was lost (${reason.message})`, 0);
  }

  /**
   * Waits and connects again until it works or fails for another reason than the network. Only the connection comes back:
   * no request is sent again, a store least of all, and devices that were open stay closed.
   */
  private reconnect(why: string, attempt: number): void {
    let seconds = backOffSeconds(attempt);
    this.setState({ kind: 'reconnecting', seconds, why });
    this.waiting = setInterval(() => {
      seconds--;
      if (seconds > 0) {
        this.setState({ kind: 'reconnecting', seconds, why });
        return;
      }
      this.stopWaiting();
      const abort = this.newAttempt();
      this.attempt(true, abort).catch((error: unknown) => {
        if (!this.isCurrent(abort)) return;
        if (error instanceof UnreachableError) this.reconnect(sentenceOf(error), attempt + 1);
        else this.setState({ kind: 'failed', why: sentenceOf(error) });
      });
    }, 1000);
  }

  private stopWaiting(): void {
    clearInterval(this.waiting);
    this.waiting = undefined;
  }

  private setState(state: HostState): void {
    this.currentState = state;
    this.listener.changed();
  }
}
