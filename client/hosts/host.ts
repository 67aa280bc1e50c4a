import type { IsmFunction, Operation, Operations } from '../../protocol/helper';
import type { DmbEvent } from '../../protocol/helperDmb';
import { Emitter } from '../base/emitter';
import { UserError } from '../base/userError';
import { FunctionList } from './functionList';
import { HostConnection, type OpenSession } from './hostConnection';
import type { HostConfig, HostState } from './hostState';
import { OpenDevices, type OpenDevice } from './openDevices';

/**
 * One host of the explorer: its connection, its functions, and the devices that are open on it. Knows nothing of VS Code, so that
 * tests can drive it against a real server. Changes of driver are DriverSwitch's.
 */
export class Host {
  private readonly changes = new Emitter<void>();
  private readonly dmbEvents = new Emitter<DmbEvent>();
  private readonly connection: HostConnection;
  private readonly list: FunctionList;
  private readonly devices: OpenDevices;

  /** Fires after anything that the explorer shows may have changed. */
  readonly onDidChange = this.changes.event;
  /** Fires when a buffer that this window registered was signalled. */
  readonly onDmb = this.dmbEvents.event;

  constructor(
    readonly config: HostConfig,
    openSession: OpenSession,
  ) {
    const changed = (): void => this.changes.fire();
    this.list = new FunctionList(config.name, changed);
    this.devices = new OpenDevices(
      (op, params) => this.request(op, params),
      () => this.refresh(),
    );
    this.connection = new HostConnection(config.name, openSession, {
      prepare: ({ channel }) =>
        this.list.read(channel, (look) =>
          channel.onEvent((event) => {
            if (event.event === 'dmb') this.dmbEvents.fire(event);
            else if (event.event !== 'ready') look();
          }),
        ),
      ended: () => {
        this.list.clear();
        this.devices.clear();
      },
      changed,
    });
  }

  get name(): string {
    return this.config.name;
  }
  get state(): HostState {
    return this.connection.state;
  }
  /** Where the connection leads, `user@address:port`; the configured destination while there is none. */
  get target(): string {
    return this.state.kind === 'connected' ? this.state.target : this.config.destination;
  }
  /** The release of the host's kernel, a peer's text; undefined while it is not connected. */
  get kernel(): string | undefined {
    return this.state.kind === 'connected' ? this.state.hello.kernel : undefined;
  }
  /** The drivers that functions of this host can be bound to, the usual one first; empty while it is not connected. */
  get drivers(): readonly string[] {
    return this.state.kind === 'connected' ? this.state.hello.drivers : [];
  }
  /** Functions in the order of their addresses, as of the last list. */
  get functions(): readonly IsmFunction[] {
    return this.list.all;
  }
  /** Why changes on the host show only after *Refresh*; undefined while they show by themselves. */
  get watchError(): string | undefined {
    return this.list.watchError;
  }

  /** See {@link HostConnection.connect}. */
  connect(): Promise<void> {
    return this.connection.connect();
  }

  disconnect(): void {
    this.connection.disconnect();
  }

  async refresh(): Promise<void> {
    this.list.set((await this.request('list', {})).functions);
    this.changes.fire();
  }

  /** The function with this address. @throws UserError when the last list does not have it */
  find(address: string): IsmFunction {
    return this.list.find(address);
  }

  /** Opens the function if it is not open in this window, and asks the driver for every region. */
  open(address: string): Promise<OpenDevice> {
    return this.devices.open(address);
  }

  /** The device if this window has it open. */
  opened(address: string): OpenDevice | undefined {
    return this.devices.get(address);
  }

  /** Closes the function's vfio fd, for which other programs and an unbind would otherwise wait. */
  close(address: string): Promise<void> {
    return this.devices.close(address);
  }

  /** One request to the helper. @throws UserError when the host is not connected; else as HelperChannel.request */
  async request<O extends Operation>(
    op: O,
    params: Operations[O]['params'],
    sent?: (id: number) => void,
  ): Promise<Operations[O]['result']> {
    const { session } = this.connection;
    if (!session) throw new UserError(`${this.name} is not connected. Connect it first.`);
    return session.channel.request(op, params, sent);
  }

  dispose(): void {
    this.connection.dispose();
    this.changes.dispose();
    this.dmbEvents.dispose();
  }
}
