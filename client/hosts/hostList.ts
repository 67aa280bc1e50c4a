import * as vscode from 'vscode';
import type { FormerDriver } from '../../protocol/helper';
import type { Log } from '../sinks/log';
import { parseDestination } from '../ssh/destination';
import type { Dialogs } from './promptDialogs';
import { DriverSwitch, type FormerStore } from './driverSwitch';
import { Host } from './host';
import type { HostConfig } from './hostState';
import { readHosts, type HostSettings } from './hostSettings';
import { requireTrust } from './trust';
import { UserError } from '../base/userError';

/** The hosts of the setting `ism.hosts`, alive: follows the setting and keeps connected hosts across changes of it. */
export class HostList implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Host | undefined>();
  /** Fires with the host that changed, or undefined when the list itself did. */
  readonly onDidChange = this.changed.event;
  private hosts: Host[] = [];
  private settings: readonly HostSettings[] = [];
  /** Hosts whose present connection goes to an address of this machine, without a jump host. */
  private readonly loopback = new WeakSet<Host>();
  private readonly configuration: vscode.Disposable;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: Log,
    private readonly dialogs: Dialogs,
  ) {
    this.configuration = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('ism.hosts')) this.load();
    });
    this.load();
  }

  get all(): readonly Host[] {
    return this.hosts;
  }

  get connected(): readonly Host[] {
    return this.hosts.filter((host) => host.state.kind === 'connected');
  }

  /** What the setting says of a host now; labels may change while it is connected. */
  settingsOf(host: Host): HostSettings {
    return this.settings.find((entry) => entry.name === host.name) ?? host.config;
  }

  /** Whether the host was reached directly at a loopback address, as a lab is. */
  isLoopback(host: Host): boolean {
    return this.loopback.has(host);
  }

  /** Adds a host to the user's settings. @throws UserError when the name is taken or the destination is no host */
  async add(config: HostConfig): Promise<Host> {
    parseDestination(config.destination);
    if (this.hosts.some((host) => host.name === config.name))
      throw new UserError(`There is a host named '${config.name}' already; choose another name.`);
    await this.write([...this.settings, config]);
    const added = this.hosts.find((host) => host.name === config.name);
    if (!added)
      throw new UserError('The host could not be saved in the settings; check that they can be written.');
    return added;
  }

  async remove(host: Host): Promise<void> {
    host.disconnect();
    await this.write(this.settings.filter((entry) => entry.name !== host.name));
  }

  dispose(): void {
    this.configuration.dispose();
    for (const host of this.hosts) host.dispose();
    this.changed.dispose();
  }

  private async write(configs: readonly HostSettings[]): Promise<void> {
    await vscode.workspace
      .getConfiguration('ism')
      .update('hosts', configs, vscode.ConfigurationTarget.Global);
    this.load();
  }

  private load(): void {
    const setting: unknown = vscode.workspace.getConfiguration('ism').get('hosts', []);
    const configs = readHosts(setting, (sentence) => this.log.warn(sentence));
    const same = (a: HostConfig, b: HostConfig): boolean =>
      a.name === b.name && a.destination === b.destination;
    const kept = configs.map(
      (config) => this.hosts.find((host) => same(host.config, config)) ?? this.make(config),
    );
    for (const host of this.hosts) if (!kept.includes(host)) host.dispose();
    this.hosts = kept;
    this.settings = configs;
    this.changed.fire(undefined);
  }

  private make(config: HostConfig): Host {
    const host: Host = new Host(config, async (signal, quiet) => {
      requireTrust('connect hosts');
      const sshConfigFile = vscode.workspace.getConfiguration('ism').get<string>('sshConfigFile');
      const { openSession } = await import('../helper/remote');
      const session = await openSession({
        destination: config.destination,
        ...(sshConfigFile ? { sshConfigFile } : {}),
        helperFile: this.context.asAbsolutePath('dist/helper/ism-helper-s390x'),
        prompts: this.dialogs.prompts(quiet),
        ...(config.sudo ? { sudo: config.sudo } : {}),
        trust: this.context.globalState,
        report: (line) => this.log.info(`[${config.name}] ${line}`),
        signal,
      });
      if (session.loopback) this.loopback.add(host);
      else this.loopback.delete(host);
      return session;
    });
    host.onDidChange(() => this.changed.fire(host));
    return host;
  }

  /** What changes the drivers of a host's functions. */
  driverSwitch(host: Host): DriverSwitch {
    return new DriverSwitch(host, this.formersOf(host.name));
  }

  private formersOf(hostName: string): FormerStore {
    const key = (address: string): string => `former:${hostName}:${address}`;
    return {
      get: (address) => this.context.globalState.get<FormerDriver>(key(address)),
      set: (address, former) => this.context.globalState.update(key(address), former),
    };
  }
}
