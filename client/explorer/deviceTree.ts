import * as vscode from 'vscode';
import type { RegionAnswer } from '../../protocol/helper';
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { sentenceOf } from '../hosts/userError';
import { neutralise } from '../neutralise';
import {
  functionDescription,
  functionTooltip,
  isOddRefusal,
  isReadable,
  isWritable,
  regionDescription,
  regionName,
} from './describe';
import { nodeId, type Node } from './nodes';

/** The tree of the ISM view: hosts, their functions, the regions of those that are bound to vfio. */
export class DeviceTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscription: vscode.Disposable;
  /** VS Code knows a row that changed by its object, so a host keeps the one it has. */
  private readonly hostNodes = new WeakMap<Host, Node>();

  constructor(private readonly hosts: HostList) {
    this.subscription = hosts.onDidChange((host) => this.changed.fire(host && this.hostNode(host)));
  }

  private hostNode(host: Host): Node {
    const node = this.hostNodes.get(host) ?? { kind: 'host', host };
    this.hostNodes.set(host, node);
    return node;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const item = this.item(node);
    item.id = nodeId(node);
    return item;
  }

  getParent(node: Node): Node | undefined {
    switch (node.kind) {
      case 'host':
        return undefined;
      case 'region':
        return { kind: 'function', host: node.host, fn: node.fn };
      default:
        return this.hostNode(node.host);
    }
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.hosts.all.map((host) => this.hostNode(host));
    if (node.kind === 'host') return hostChildren(node.host);
    if (node.kind !== 'function') return [];
    const { host, fn } = node;
    try {
      const { regions, numRegions } = await host.open(fn.address);
      return regions.map((region): Node => ({ kind: 'region', host, fn, region, numRegions }));
    } catch (error) {
      return [{ kind: 'note', host, text: neutralise(sentenceOf(error)), icon: 'error' }];
    }
  }

  private item(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'host':
        return hostItem(node.host);
      case 'function': {
        const usable = node.fn.vfio.state === 'ready' || node.fn.vfio.state === 'open';
        const item = new vscode.TreeItem(
          neutralise(node.fn.address),
          usable ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None,
        );
        item.description = functionDescription(node.fn);
        item.tooltip = functionTooltip(node.fn);
        item.contextValue = `function.${usable || node.fn.vfio.state === 'no-access' ? 'vfio' : 'other'}`;
        item.iconPath = new vscode.ThemeIcon(usable ? 'circuit-board' : 'circle-outline');
        item.accessibilityInformation = { label: `ISM function ${node.fn.address}, ${item.description}` };
        return item;
      }
      case 'region': {
        const item = new vscode.TreeItem(regionName(node.region.index));
        const { region, numRegions } = node;
        const odd = isOddRefusal(region, numRegions);
        item.description = regionDescription(region, numRegions);
        item.tooltip = regionTooltip(region, odd);
        item.iconPath = odd
          ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'))
          : new vscode.ThemeIcon('error' in region ? 'circle-slash' : 'symbol-array');
        const can = [isReadable(node.region) ? 'read' : '', isWritable(node.region) ? 'write' : ''];
        item.contextValue = `region.${can.join('')}`;
        return item;
      }
      case 'note': {
        const item = new vscode.TreeItem(node.text);
        item.iconPath = new vscode.ThemeIcon(node.icon);
        item.tooltip = node.text;
        item.contextValue = 'note';
        return item;
      }
    }
  }
}

function regionTooltip(region: RegionAnswer, odd: boolean): string {
  if (!('error' in region)) return `Region ${region.index}, offset ${region.offset}, size ${region.size}`;
  const refused = `The driver refuses VFIO_DEVICE_GET_REGION_INFO for index ${region.index}`;
  return odd
    ? `${refused}; vfio-pci answers it with size 0, and programs that walk all indices stop here.`
    : `${refused}, as vfio-pci does.`;
}

function hostChildren(host: Host): Node[] {
  if (host.state.kind === 'failed' || host.state.kind === 'reconnecting')
    return [{ kind: 'note', host, text: neutralise(host.state.why), icon: 'error' }];
  if (host.state.kind !== 'connected') return [];
  if (host.functions.length === 0)
    return [{ kind: 'note', host, text: vscode.l10n.t('No ISM functions on this host'), icon: 'info' }];
  return host.functions.map((fn): Node => ({ kind: 'function', host, fn }));
}

/** How the helper runs on the host. */
const PRIVILEGE_WORDS = {
  root: 'root',
  sudo: 'root by sudo',
  'sudo-password': 'root by sudo',
  user: 'without root',
} as const;

function hostTooltip(host: Host): string {
  const { state } = host;
  const lines = [`${host.name} (${host.config.destination})`];
  if (state.kind === 'failed' || state.kind === 'reconnecting') lines.push(neutralise(state.why));
  if (state.kind === 'connected') {
    lines.push(
      `${neutralise(state.target)}, ${neutralise(state.hello.machine)}, Linux ${neutralise(state.hello.kernel)}`,
    );
    lines.push(
      `The helper runs ${state.privilege === 'user' ? 'without root' : `as ${PRIVILEGE_WORDS[state.privilege]}`}.`,
    );
    if (state.privilege === 'user')
      lines.push('Binding needs root: set "sudo": "ask" for this host, or see "Privileges" in the README.');
  }
  if (state.kind === 'connected' && host.notLive !== undefined)
    lines.push(vscode.l10n.t('Changes show after Refresh only: {0}', neutralise(host.notLive)));
  return lines.join('\n');
}

function hostItem(host: Host): vscode.TreeItem {
  const { state } = host;
  const open = state.kind !== 'disconnected' && state.kind !== 'connecting';
  const item = new vscode.TreeItem(
    host.name,
    open ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
  );
  const icons = {
    disconnected: 'vm-outline',
    connecting: 'loading~spin',
    reconnecting: 'sync',
    connected: 'vm-active',
    failed: 'error',
  };
  item.iconPath = new vscode.ThemeIcon(icons[state.kind]);
  item.contextValue = `host.${state.kind}`;
  switch (state.kind) {
    case 'connected':
      item.description = `${PRIVILEGE_WORDS[state.privilege]} · Linux ${neutralise(state.hello.kernel)}`;
      break;
    case 'reconnecting':
      item.description = vscode.l10n.t('reconnecting in {0} s', state.seconds);
      break;
    case 'failed':
      item.description = vscode.l10n.t('not connected');
      break;
    case 'connecting':
      item.description = vscode.l10n.t('connecting…');
      break;
    case 'disconnected':
      item.description = host.config.destination === host.name ? '' : host.config.destination;
  }
  item.tooltip = hostTooltip(host);
  item.accessibilityInformation = { label: `Host ${host.name}, ${state.kind}` };
  return item;
}
