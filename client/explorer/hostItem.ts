import * as vscode from 'vscode';
import type { Privilege } from '../helper/helperStart';
import type { Host } from '../hosts/host';
import type { HostState } from '../hosts/hostState';
import type { HostSettings } from '../hosts/hostSettings';
import { neutralise } from '../../protocol/remoteText';
import { hostUri } from './hostDecorations';

/** The row of a host: its state, its label, whether it is production. */
export function hostItem(host: Host, { label, production }: HostSettings): vscode.TreeItem {
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
      item.description = `${privilegeWords(state.privilege)} · Linux ${neutralise(state.hello.kernel)}`;
      break;
    case 'reconnecting':
      item.description = `reconnecting in ${state.seconds} s`;
      break;
    case 'failed':
      item.description = 'not connected';
      break;
    case 'connecting':
      item.description = 'connecting…';
      break;
    case 'disconnected':
      item.description = host.config.destination === host.name ? '' : host.config.destination;
  }
  item.description = [label, production ? 'production' : '', item.description].filter(Boolean).join(' · ');
  item.resourceUri = hostUri(host.name);
  item.tooltip = hostTooltip(host) + (production ? `\n${'This is a production host.'}` : '');
  item.accessibilityInformation = {
    label: `Host ${host.name}, ${stateOf(state.kind)}, ${item.description}`,
  };
  return item;
}

const stateOf = (kind: HostState['kind']): string =>
  ({
    disconnected: 'disconnected',
    connecting: 'connecting',
    connected: 'connected',
    reconnecting: 'reconnecting',
    failed: 'failed',
  })[kind];

/** How the helper runs on the host. */
const privilegeWords = (privilege: Privilege): string =>
  ({
    root: 'root',
    sudo: 'root by sudo',
    'sudo-password': 'root by sudo',
    user: 'without root',
  })[privilege];

function hostTooltip(host: Host): string {
  const { state } = host;
  const lines = [`${host.name} (${host.config.destination})`];
  if (state.kind === 'failed' || state.kind === 'reconnecting') lines.push(neutralise(state.why));
  if (state.kind === 'connected') {
    lines.push(
      `${neutralise(state.target)}, ${neutralise(state.hello.machine)}, Linux ${neutralise(state.hello.kernel)}`,
    );
    lines.push(`The helper runs: ${privilegeWords(state.privilege)}`);
    if (state.privilege === 'user')
      lines.push('Binding needs root: set "sudo": "ask" for this host, or see "Privileges" in the README.');
    if (host.watchError !== undefined)
      lines.push(`Changes show after Refresh only: ${neutralise(host.watchError)}`);
  }
  return lines.join('\n');
}
