import type {
  FormerDriver,
  IsmFunction,
  OpenResult,
  Operation,
  Operations,
  PlannedBind,
  RegionAnswer,
} from '../../protocol/helper';
import type { DmbEvent } from '../../protocol/helperDmb';
import { neutralise } from '../../protocol/remoteText';
import { backOffSeconds } from './backOff';
import { Follower } from './follower';
import { FormerDrivers, type FormerStore } from './formerDrivers';
import { HelperError, isBusy } from '../base/helperErrors';
import type { HostConfig, HostState } from './hostState';
import type { RemoteSession } from '../helper/remote';
import { CancelledError, sentenceOf, UnreachableError, UserError } from '../base/userError';

/** A function that this window has open through the helper. */
export interface OpenDevice extends OpenResult {
  readonly regions: readonly RegionAnswer[];
}

/**
 * One host of the explorer: its connection, its functions, and what is open on it. Knows nothing of VS Code, so that
 * tests can drive it against a real server.
 */
export class Host {
  private currentState: HostState = { kind: 'disconnected' };
  private session: RemoteSession | undefined;
  private abort: AbortController | undefined;
  private waiting: NodeJS.Timeout | undefined;
  private list: readonly IsmFunction[] = [];
  /** Why the list does not follow the kernel by itself; undefined when it does. */
  private stillBecause: string | undefined;
  private readonly devices = new Map<string, OpenDevice>();
  private readonly opening = new Map<string, Promise<OpenDevice>>();
  private readonly closing = new Map<string, Promise<void>>();
  private readonly dmbListeners = new Set<(event: DmbEvent) => void>();
  private readonly drivenBefore: FormerDrivers;

  /**
   * @param openSession connects; called anew for each connection, quiet when it comes back by itself
   * @param onChange called after everything that the explorer shows may have changed
   */
  constructor(
    readonly config: HostConfig,
    private readonly openSession: (signal: AbortSignal, quiet: boolean) => Promise<RemoteSession>,
    formers: FormerStore,
    private readonly onChange: () => void,
  ) {
    this.drivenBefore = new FormerDrivers(this, formers);
  }

  get name(): string {
    return this.config.name;
  }
  get state(): HostState {
    return this.currentState;
  }
  /** Functions in the order of their addresses, as of the last list. */
  get functions(): readonly IsmFunction[] {
    return this.list;
  }

  /** Why changes on the host show only after *Refresh*; undefined while they show by themselves. */
  get notLive(): string | undefined {
    return this.stillBecause;
  }

  /**
   * Connects and lists; does nothing when connected, and does not wait any longer when reconnecting. The failure is
   * kept for the explorer and thrown.
   */
  async connect(): Promise<void> {
    if (this.currentState.kind === 'connected') return;
    if (this.currentState.kind === 'connecting')
      throw new UserError(`${this.name} is being connected already; wait or disconnect it.`);
    this.stopWaiting();
    const abort = this.begin();
    try {
      await this.attempt(false, abort);
    } catch (error) {
      // Another attempt, or the end of this one, has said since what the state is.
      if (this.isCurrent(abort)) this.setState({ kind: 'failed', why: sentenceOf(error) });
      throw abort.signal.aborted ? new CancelledError() : error;
    }
  }

  /** Begins an attempt: what an earlier one still answers counts no more. */
  private begin(): AbortController {
    this.abort?.abort();
    return (this.abort = new AbortController());
  }

  private isCurrent(abort: AbortController): boolean {
    return this.abort === abort && !abort.signal.aborted;
  }

  private async attempt(quiet: boolean, abort: AbortController): Promise<void> {
    this.setState({ kind: 'connecting' });
    const session = await this.openSession(abort.signal, quiet);
    const end = (): void => session.dispose();
    abort.signal.addEventListener('abort', end, { once: true });
    try {
      if (!this.isCurrent(abort)) throw new CancelledError();
      // First, so that nothing which happens after the list goes unseen.
      await this.follow(session);
      const { functions } = await session.channel.request('list', {});
      if (!this.isCurrent(abort)) throw new CancelledError();
      this.session = session;
      this.list = functions;
      const { hello, target, privilege } = session;
      this.setState({ kind: 'connected', hello, target, privilege });
      void session.channel.closed.then((reason) => this.lost(session, reason));
    } catch (error) {
      session.dispose();
      if (error instanceof UserError) throw error;
      throw new UserError(
        `The helper on ${this.name} did not answer as it should (${neutralise(sentenceOf(error))}); connect again.`,
        error instanceof Error ? error.stack : undefined,
      );
    }
  }

  /** Lets the list follow the kernel's events. A host that cannot send them is as good as before, with *Refresh*. */
  private async follow(session: RemoteSession): Promise<void> {
    const follower = new Follower(
      async () => {
        const { functions } = await session.channel.request('list', {});
        if (this.session !== session) return;
        const changed = JSON.stringify(functions) !== JSON.stringify(this.list);
        this.list = functions;
        if (changed) this.onChange();
      },
      () => session.channel.alive,
    );
    session.channel.onEvent((event) => {
      if (event.event === 'dmb') for (const listener of this.dmbListeners) listener(event);
      else if (event.event !== 'ready') follower.look();
    });
    this.stillBecause = undefined;
    try {
      await session.channel.request('watch', {});
    } catch (error) {
      if (!(error instanceof HelperError)) throw error;
      this.stillBecause = error.message;
    }
  }

  disconnect(): void {
    this.abort?.abort();
    this.stopWaiting();
    const session = this.session;
    this.session = undefined;
    this.forget();
    session?.dispose();
    this.setState({ kind: 'disconnected' });
  }

  async refresh(): Promise<void> {
    this.list = (await this.request('list', {})).functions;
    this.onChange();
  }

  /** The function with this address. @throws UserError when it is not in the list (any more) */
  find(address: string): IsmFunction {
    const found = this.list.find((fn) => fn.address === address);
    if (!found)
      throw new UserError(
        `There is no function ${address} on ${this.name} (any more); refresh the list of functions.`,
      );
    return found;
  }

  /** The drivers that functions of this host can be bound to, the usual one first; empty while it is not connected. */
  get drivers(): readonly string[] {
    return this.currentState.kind === 'connected' ? this.currentState.hello.drivers : [];
  }

  /** What binding would write and what speaks against it. Changes nothing, but closes what this window has open. */
  plan(addresses: readonly string[], driver?: string): Promise<readonly PlannedBind[]> {
    return this.drivenBefore.planBind(addresses, driver);
  }

  /** The same for {@link restore}. */
  planRestore(addresses: readonly string[]): Promise<readonly PlannedBind[]> {
    return this.drivenBefore.planRestore(addresses);
  }

  /**
   * Binds, to the usual driver unless told. `plan` is the token of a plan, and nothing is written when it is not true any
   * more; `force` takes the function away from a driver that is using it.
   *
   * @param present what the plan found, remembered before anything is written: a window that ends before the answer
   * comes must still be able to restore it
   */
  bind(
    address: string,
    options: Omit<Operations['bind']['params'], 'address'> = {},
    present?: FormerDriver,
  ): Promise<Operations['bind']['result']> {
    return this.drivenBefore.bind(address, options, present);
  }

  /** Brings back what the first bind found, also when that was in an earlier session; `plan` is as for {@link bind}. */
  restore(address: string, plan?: string): Promise<Operations['restore']['result']> {
    return this.drivenBefore.restore(address, plan);
  }

  /** Opens the function if it is not open in this window, and asks the driver for every region. */
  async open(address: string): Promise<OpenDevice> {
    const opened = this.devices.get(address);
    if (opened) return opened;
    // The tree and a command may ask at the same time; the device can be opened only once.
    const opening = this.opening.get(address) ?? this.openNow(address);
    this.opening.set(address, opening);
    return opening.finally(() => this.opening.delete(address));
  }

  private async openNow(address: string): Promise<OpenDevice> {
    const result = await this.request('open', { address });
    const { regions } = await this.request('regions', { handle: result.handle });
    const device = { ...result, regions };
    this.devices.set(address, device);
    await this.refresh();
    return device;
  }

  /** Calls `listener` when a buffer that this window registered was signalled. @returns what ends that */
  onDmb(listener: (event: DmbEvent) => void): { dispose(): void } {
    this.dmbListeners.add(listener);
    return { dispose: () => void this.dmbListeners.delete(listener) };
  }

  /** What is open in this window; undefined when it is not. */
  opened(address: string): OpenDevice | undefined {
    return this.devices.get(address);
  }

  /** Closes the function's vfio fd, which other programs and an unbind would otherwise wait for. */
  async close(address: string): Promise<void> {
    const device = this.devices.get(address);
    if (!device) return;
    const closing = this.closing.get(address) ?? this.closeNow(address, device);
    this.closing.set(address, closing);
    return closing.finally(() => this.closing.delete(address));
  }

  private async closeNow(address: string, { handle }: OpenDevice): Promise<void> {
    try {
      await this.request('close', { handle });
      this.devices.delete(address);
    } catch (error) {
      // Whatever else went wrong, it is not open any more.
      if (!isBusy(error)) this.devices.delete(address);
      throw error;
    }
    await this.refresh();
  }

  /** One request to the helper. @throws UserError when the host is not connected; else as HelperChannel.request */
  request<O extends Operation>(
    op: O,
    params: Operations[O]['params'],
    sent?: (id: number) => void,
  ): Promise<Operations[O]['result']> {
    if (!this.session) throw new UserError(`${this.name} is not connected; connect it first.`);
    return this.session.channel.request(op, params, sent);
  }

  dispose(): void {
    this.abort?.abort();
    this.stopWaiting();
    this.session?.dispose();
  }

  private lost(session: RemoteSession, reason: Error): void {
    if (this.session !== session) return; // ended on purpose
    this.session = undefined;
    this.forget();
    session.dispose();
    this.comeBack(`The connection to ${this.name} was lost (${reason.message})`, 0);
  }

  /**
   * Waits and connects again, until it works or something else than the way is wrong. Only the connection comes back:
   * no request is sent again, a store least of all, and devices that were open stay closed.
   */
  private comeBack(why: string, attempt: number): void {
    let seconds = backOffSeconds(attempt);
    this.setState({ kind: 'reconnecting', seconds, why });
    this.waiting = setInterval(() => {
      seconds--;
      if (seconds > 0) {
        this.setState({ kind: 'reconnecting', seconds, why });
        return;
      }
      this.stopWaiting();
      const abort = this.begin();
      this.attempt(true, abort).catch((error: unknown) => {
        if (!this.isCurrent(abort)) return;
        if (error instanceof UnreachableError) this.comeBack(sentenceOf(error), attempt + 1);
        else this.setState({ kind: 'failed', why: sentenceOf(error) });
      });
    }, 1000);
  }

  private stopWaiting(): void {
    clearInterval(this.waiting);
    this.waiting = undefined;
  }

  private forget(): void {
    this.list = [];
    this.devices.clear();
  }

  private setState(state: HostState): void {
    this.currentState = state;
    this.onChange();
  }
}
