import * as vscode from 'vscode';
import type { IsmFunction, RegionAnswer } from '../../protocol/helper';
import { dmbItem } from './dmbItem';
import type { DmbWatch } from '../dmb/dmbWatch';
import type { DmbWatches } from '../dmb/dmbWatches';
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { neutralise } from '../../protocol/remoteText';
import { plainRow } from '../sinks/rows';
import {
  accessAdvice,
  functionDescription,
  isOddRefusal,
  isReadable,
  isWritable,
  regionDescription,
  regionName,
} from '../words/describe';
import { FactRows } from './factRows';
import { facts } from '../words/facts';
import type { Favourites } from './favourites';
import { functionMatches } from './functionFilter';
import { hostUri } from './hostDecorations';
import { hostItem } from './hostItem';
import { nodeId, type Node } from '../choose/nodes';

/** The tree of the ISM view: hosts, their functions, the regions of those that are open, and facts. */
export class DeviceTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscription: vscode.Disposable;
  /** VS Code knows a row that changed by its object, so a host and a watched buffer keep the ones they have. */
  private readonly hostNodes = new WeakMap<Host, Node>();
  private readonly dmbNodes = new WeakMap<DmbWatch, Node>();
  private readonly factRows = new FactRows((host) => this.changed.fire(this.hostNode(host)));

  private wanted = '';
  /** Rows that were unfolded: VS Code forgets it of rows that a filter takes away for a while. */
  private readonly unfolded = new Set<string>();

  constructor(
    private readonly hosts: HostList,
    private readonly favourites: Favourites,
    private readonly watches: DmbWatches,
  ) {
    this.subscription = vscode.Disposable.from(
      hosts.onDidChange((host) => this.changed.fire(host && this.hostNode(host))),
      watches.onDidChange((watch) => this.changed.fire(watch && this.dmbNode(watch))),
      this.factRows,
    );
  }

  private hostNode(host: Host): Node {
    const node = this.hostNodes.get(host) ?? { kind: 'host', host };
    this.hostNodes.set(host, node);
    return node;
  }

  private dmbNode(watch: DmbWatch): Node {
    const { host, fn } = watch;
    const node = this.dmbNodes.get(watch) ?? { kind: 'dmb', host, fn, watch };
    this.dmbNodes.set(watch, node);
    return node;
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  /** Keeps rows unfolded that a filter takes away and brings back. @returns what ends that */
  followFolding(view: vscode.TreeView<Node>): vscode.Disposable {
    return vscode.Disposable.from(
      view.onDidExpandElement(({ element }) => this.unfolded.add(nodeId(element))),
      view.onDidCollapseElement(({ element }) => this.unfolded.delete(nodeId(element))),
    );
  }

  get filter(): string {
    return this.wanted;
  }

  /** Shows functions that have every word; an empty text shows all. */
  set filter(text: string) {
    this.wanted = text;
    this.refresh();
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const item = this.item(node);
    item.id = nodeId(node);
    if (item.collapsibleState === vscode.TreeItemCollapsibleState.Collapsed && this.unfolded.has(item.id))
      item.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
    return plainRow(item);
  }

  getParent(node: Node): Node | undefined {
    switch (node.kind) {
      case 'host':
        return undefined;
      case 'region':
      case 'open':
      case 'dmb':
      case 'facts':
        return { kind: 'function', host: node.host, fn: node.fn };
      case 'fact':
        return { kind: 'facts', host: node.host, fn: node.fn };
      default:
        return this.hostNode(node.host);
    }
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.hosts.all.map((host) => this.hostNode(host));
    switch (node.kind) {
      case 'host':
        return this.hostChildren(node.host);
      case 'function':
        return this.functionChildren(node.host, node.fn);
      case 'facts':
        return [...(await this.factRows.of(node.host, node.fn))];
      default:
        return [];
    }
  }

  private hostChildren(host: Host): Node[] {
    const note = (text: string, icon: 'info' | 'error'): Node[] => [{ kind: 'note', host, text, icon }];
    if (host.state.kind === 'failed' || host.state.kind === 'reconnecting')
      return note(neutralise(host.state.why), 'error');
    if (host.state.kind !== 'connected') return [];
    if (host.functions.length === 0) return note('No ISM functions on this host', 'info');
    const shown = host.functions.filter((fn) => functionMatches(fn, this.wanted));
    if (shown.length === 0)
      return note(`None of ${host.functions.length} functions has '${this.wanted}'`, 'info');
    return this.favourites.sort(host, shown).map((fn): Node => ({ kind: 'function', host, fn }));
  }

  /** Unfolding a row opens nothing: an open device is one that other programs cannot have. */
  private functionChildren(host: Host, fn: IsmFunction): Node[] {
    const device = host.opened(fn.address);
    const regions = device?.regions.map((region): Node => ({
      kind: 'region',
      host,
      fn,
      region,
      numRegions: device.numRegions,
    }));
    const open: Node[] = isUsable(fn) ? [{ kind: 'open', host, fn }] : [];
    const watched = this.watches.of(host, fn).map((watch) => this.dmbNode(watch));
    return [...watched, ...(regions ?? open), { kind: 'facts', host, fn }];
  }

  private item(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'host':
        return hostItem(node.host, this.hosts.settingsOf(node.host));
      case 'function':
        return this.functionItem(node.host, node.fn);
      case 'open': {
        const item = new vscode.TreeItem('Open the device to see its regions');
        item.iconPath = new vscode.ThemeIcon('folder-opened');
        item.tooltip =
          'Opens the vfio device, which other programs then wait for, and asks the driver for every region.';
        item.command = {
          command: 'ism.showRegions',
          title: 'Show Regions',
          arguments: [node],
        };
        item.contextValue = 'open';
        return item;
      }
      case 'facts': {
        const item = new vscode.TreeItem('Facts', vscode.TreeItemCollapsibleState.Collapsed);
        item.iconPath = new vscode.ThemeIcon('info');
        item.contextValue = 'facts';
        return item;
      }
      case 'fact': {
        const { name, value } = node.fact;
        const item = new vscode.TreeItem(name);
        item.description = value;
        item.tooltip = `${name}: ${value}`;
        item.iconPath = new vscode.ThemeIcon('circle-small');
        item.contextValue = 'fact';
        item.accessibilityInformation = { label: `${name}: ${value}` };
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
        item.contextValue = `region.${can.join('') || (odd ? 'odd' : '')}`;
        item.accessibilityInformation = {
          label: `${regionName(region.index)}: ${item.description}. ${odd ? item.tooltip : ''}`,
        };
        return item;
      }
      case 'dmb':
        return dmbItem(node);
      case 'note': {
        const item = new vscode.TreeItem(node.text);
        item.iconPath = new vscode.ThemeIcon(node.icon);
        item.tooltip = node.text;
        item.contextValue = 'note';
        return item;
      }
    }
  }

  private functionItem(host: Host, fn: IsmFunction): vscode.TreeItem {
    const usable = isUsable(fn);
    const favourite = this.favourites.has(host, fn);
    const { production } = this.hosts.settingsOf(host);
    const item = new vscode.TreeItem(neutralise(fn.address), vscode.TreeItemCollapsibleState.Collapsed);
    item.description = `${favourite ? '★ ' : ''}${functionDescription(fn)}`;
    const advice = fn.vfio.state === 'no-access' && fn.vfio.node ? `\n\n${accessAdvice(fn.vfio.node)}` : '';
    item.tooltip =
      facts(fn)
        .map(({ name, value }) => `${name}: ${value}`)
        .join('\n') + advice;
    item.contextValue = `function.${usable || fn.vfio.state === 'no-access' ? 'vfio' : 'other'}`;
    item.iconPath = new vscode.ThemeIcon(usable ? 'circuit-board' : 'circle-outline');
    item.resourceUri = hostUri(host.name, fn.address);
    item.accessibilityInformation = {
      label: [
        `ISM function ${neutralise(fn.address)}, ${functionDescription(fn)}`,
        ...(favourite ? ['favourite'] : []),
        ...(production ? ['on a production host'] : []),
      ].join(', '),
    };
    return item;
  }
}

const isUsable = (fn: IsmFunction): boolean => fn.vfio.state === 'ready' || fn.vfio.state === 'open';

function regionTooltip(region: RegionAnswer, odd: boolean): string {
  if (!('error' in region)) return `Region ${region.index}, offset ${region.offset}, size ${region.size}`;
  return odd
    ? `The driver refuses VFIO_DEVICE_GET_REGION_INFO for index ${region.index}; vfio-pci answers it with size 0, and programs that walk all indices stop here.`
    : `The driver refuses VFIO_DEVICE_GET_REGION_INFO for index ${region.index}, as vfio-pci does.`;
}
