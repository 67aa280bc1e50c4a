import * as vscode from 'vscode';
import { regionName } from '../words/describe';
import type { DeviceTree } from '../explorer/deviceTree';
import type { Favourites } from '../explorer/favourites';
import type { Node } from '../choose/nodes';
import type { HostList } from '../hosts/hostList';
import { UserError } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';
import { pickFunction } from '../choose/pick';
import { setStatusBarMessage, showInputBox } from '../sinks/dialogs';

/** Filter, favourites and copying of the view *Devices*. */
export class ExplorerCommands {
  constructor(
    private readonly hosts: HostList,
    private readonly view: vscode.TreeView<Node>,
    private readonly tree: DeviceTree,
    private readonly favourites: Favourites,
  ) {}

  async filter(): Promise<void> {
    const text = await showInputBox({
      title: 'Filter Devices',
      prompt: 'Words of an address, FID, PCHID, driver or state; empty shows all',
      value: this.tree.filter,
    });
    if (text !== undefined) this.setFilter(text.trim());
  }

  clearFilter(): Promise<void> {
    this.setFilter('');
    return Promise.resolve();
  }

  private setFilter(text: string): void {
    this.view.description = text === '' ? '' : `filter: ${text}`;
    void vscode.commands.executeCommand('setContext', 'ism.devicesFiltered', text !== '');
    this.tree.filter = text;
  }

  async toggleFavourite(node?: Node): Promise<void> {
    const title = 'Toggle Favourite';
    const none = 'The connected hosts have no ISM functions.';
    const choice = await pickFunction(this.hosts, node, title, () => true, none);
    if (!choice) return;
    await this.favourites.toggle(choice.host, choice.fn);
    this.tree.refresh();
  }

  async copyValue(node?: Node): Promise<void> {
    const row = node ?? this.view.selection[0];
    if (!row) throw new UserError('Select a row of the Devices view first.');
    await vscode.env.clipboard.writeText(valueOf(row));
    setStatusBarMessage(`Copied: ${valueOf(row).split('\n')[0] ?? ''}`, 4000);
  }
}

/** What a row is worth elsewhere: the value of a fact, an address, a region with its numbers. */
function valueOf(node: Node): string {
  switch (node.kind) {
    case 'host':
      return node.host.config.destination;
    case 'function':
    case 'open':
    case 'facts':
      return node.fn.address;
    case 'fact':
      return node.fact.value;
    case 'dmb':
      return node.watch.dmb.token;
    case 'region':
      return 'error' in node.region
        ? `${regionName(node.region.index)} ${neutralise(node.region.error)}`
        : `${regionName(node.region.index)} offset ${node.region.offset} size ${node.region.size} flags 0x${node.region.flags.toString(16)}`;
    case 'note':
      return node.text;
  }
}
