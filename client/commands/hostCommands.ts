import * as vscode from 'vscode';
import type { DeviceTree } from '../explorer/deviceTree';
import type { Node } from '../choose/nodes';
import { parseDestination } from '../ssh/destination';
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { sentenceOf } from '../base/userError';
import { pickHost } from '../choose/pick';
import { showInputBox, showQuickPick, withProgress } from '../sinks/dialogs';

/** The commands that concern a host as a whole. Each throws what the user should be told. */
export class HostCommands {
  constructor(
    private readonly hosts: HostList,
    private readonly view: vscode.TreeView<Node>,
    private readonly tree: DeviceTree,
  ) {}

  async add(): Promise<void> {
    const title = 'Add Host';
    const destination = await this.askDestination(title);
    if (!destination?.trim()) return;
    const host = await this.hosts.add({ name: destination.trim(), destination: destination.trim() });
    await this.connectHost(host);
  }

  /** Offers the hosts of the SSH configuration that are not in the view yet, and takes any other. */
  private async askDestination(title: string): Promise<string | undefined> {
    const sshConfigFile = vscode.workspace.getConfiguration('ism').get<string>('sshConfigFile');
    const { configuredHosts } = await import('../helper/remote');
    const present = new Set(this.hosts.all.map((host) => host.config.destination));
    const aliases = (await configuredHosts(sshConfigFile || undefined)).filter(
      (alias) => !present.has(alias),
    );
    const other = { label: 'Another host…', alwaysShow: true };
    if (aliases.length > 0) {
      const items = [...aliases.map((label) => ({ label })), other];
      const placeHolder = 'A host of your SSH configuration';
      const choice = await showQuickPick(items, { title, placeHolder, ignoreFocusOut: true });
      if (!choice || choice !== other) return choice?.label;
    }
    return showInputBox({
      title,
      prompt: 'An alias of your SSH configuration, user@host or user@host:port',
      ignoreFocusOut: true,
      validateInput: (text) => (text.trim() === '' ? undefined : whyNot(() => parseDestination(text))),
    });
  }

  async remove(node?: Node): Promise<void> {
    const none = 'There is no host to remove.';
    const host = await pickHost(this.hosts, node, 'Remove Host', () => true, none);
    if (host) await this.hosts.remove(host);
  }

  async connect(node?: Node): Promise<void> {
    const none = 'There is no host to connect; add one first.';
    const idle = (host: Host): boolean =>
      ['disconnected', 'failed', 'reconnecting'].includes(host.state.kind);
    const host = await pickHost(this.hosts, node, 'Connect', idle, none);
    if (host) await this.connectHost(host);
  }

  async disconnect(node?: Node): Promise<void> {
    const busy = (host: Host): boolean => host.state.kind === 'connected' || host.state.kind === 'connecting';
    const none = 'No host is connected.';
    const host = await pickHost(this.hosts, node, 'Disconnect', busy, none);
    host?.disconnect();
  }

  async refresh(node?: Node): Promise<void> {
    const hosts = node ? [node.host] : this.hosts.connected;
    await Promise.all(hosts.map((host) => host.refresh()));
  }

  private async connectHost(host: Host): Promise<void> {
    try {
      await withProgress({ location: { viewId: 'ism.devices' } }, () => host.connect());
    } finally {
      // VS Code keeps a row closed that had no children before: what is new, be it a failure, is to be seen.
      const [first] = await this.tree.getChildren({ kind: 'host', host });
      if (first && this.view.visible)
        await this.view.reveal(first, { select: false }).then(undefined, () => undefined);
    }
  }
}

function whyNot(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return sentenceOf(error);
  }
}
