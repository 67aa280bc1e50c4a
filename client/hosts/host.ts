import type {
  FormerDriver,
  Hello,
  IsmFunction,
  OpenResult,
  Operation,
  Operations,
  RegionAnswer,
} from '../../protocol/helper';
import type { RemoteSession } from './remote';
import { sentenceOf, UserError } from './userError';

export type HostState =
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly hello: Hello; readonly target: string }
  | { readonly kind: 'failed'; readonly why: string };

/** An entry of the setting `ism.hosts`. */
export interface HostConfig {
  readonly name: string;
  readonly destination: string;
}

/** A function that this window has open through the helper. */
export interface OpenDevice extends OpenResult {
  readonly regions: readonly RegionAnswer[];
}

/** Where former drivers are remembered, so that *Restore Driver* works after a reload. */
export interface FormerStore {
  get(address: string): FormerDriver | undefined;
  set(address: string, former: FormerDriver | undefined): PromiseLike<void>;
}

/**
 * One host of the explorer: its connection, its functions, and what is open on it. Knows nothing of VS Code, so that
 * tests can drive it against a real server.
 */
export class Host {
  private currentState: HostState = { kind: 'disconnected' };
  private session: RemoteSession | undefined;
  private abort: AbortController | undefined;
  private list: readonly IsmFunction[] = [];
  private readonly devices = new Map<string, OpenDevice>();
  private readonly opening = new Map<string, Promise<OpenDevice>>();

  /**
   * @param openSession connects; made anew for each connection
   * @param onChange called after everything that the explorer shows may have changed
   */
  constructor(
    readonly config: HostConfig,
    private readonly openSession: (signal: AbortSignal) => Promise<RemoteSession>,
    private readonly formers: FormerStore,
    private readonly onChange: () => void,
  ) {}

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

  /** Connects and lists; does nothing when connected. The failure is kept for the explorer and thrown. */
  async connect(): Promise<void> {
    if (this.currentState.kind === 'connected') return;
    if (this.currentState.kind === 'connecting')
      throw new UserError(`${this.name} is being connected already; wait or disconnect it.`);
    this.abort = new AbortController();
    this.setState({ kind: 'connecting' });
    try {
      const session = await this.openSession(this.abort.signal);
      if (this.abort.signal.aborted) {
        session.dispose();
        throw new UserError('Connecting was cancelled.');
      }
      this.session = session;
      void session.channel.closed.then((reason) => this.lost(session, reason));
      this.list = (await session.channel.request('list', {})).functions;
      this.setState({ kind: 'connected', hello: session.hello, target: session.target });
    } catch (error) {
      this.session?.dispose();
      this.session = undefined;
      this.setState(
        this.abort.signal.aborted ? { kind: 'disconnected' } : { kind: 'failed', why: sentenceOf(error) },
      );
      throw error;
    }
  }

  disconnect(): void {
    this.abort?.abort();
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

  /** Binds to ism_vfio_pci; `force` takes the function away from a driver that is using it. */
  async bind(address: string, force = false): Promise<Operations['bind']['result']> {
    await this.close(address);
    const result = await this.request('bind', { address, ...(force ? { force } : {}) });
    if (result.steps.length > 0 && !this.formers.get(address)) await this.formers.set(address, result.former);
    await this.refresh();
    return result;
  }

  /** Brings back what the first bind found, also when that was in an earlier session. */
  async restore(address: string): Promise<Operations['restore']['result']> {
    await this.close(address);
    const former = this.formers.get(address);
    const result = await this.request('restore', { address, ...(former ? { former } : {}) });
    await this.formers.set(address, undefined);
    await this.refresh();
    return result;
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

  /** What is open in this window; undefined when it is not. */
  opened(address: string): OpenDevice | undefined {
    return this.devices.get(address);
  }

  /** Closes the function's vfio fd, which other programs and an unbind would otherwise wait for. */
  async close(address: string): Promise<void> {
    const device = this.devices.get(address);
    if (!device) return;
    this.devices.delete(address);
    await this.request('close', { handle: device.handle });
    await this.refresh();
  }

  /** One request to the helper. @throws UserError when the host is not connected; else as HelperChannel.request */
  request<O extends Operation>(op: O, params: Operations[O]['params']): Promise<Operations[O]['result']> {
    if (!this.session) throw new UserError(`${this.name} is not connected; connect it first.`);
    return this.session.channel.request(op, params);
  }

  dispose(): void {
    this.abort?.abort();
    this.session?.dispose();
  }

  private lost(session: RemoteSession, reason: Error): void {
    if (this.session !== session) return; // ended on purpose
    this.session = undefined;
    this.forget();
    session.dispose();
    this.setState({
      kind: 'failed',
      why: `The connection to ${this.name} was lost (${reason.message}); connect again.`,
    });
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
