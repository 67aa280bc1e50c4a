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
  item.description = [label, production ? vscode.l10n.t('production') : '', item.description]
    .filter(Boolean)
    .join(' · ');
  item.resourceUri = hostUri(host.name);
  item.tooltip = hostTooltip(host) + (production ? `\n${vscode.l10n.t('This is a production host.')}` : '');
  item.accessibilityInformation = {
    label: vscode.l10n.t('Host {0}, {1}, {2}', host.name, stateOf(state.kind), item.description),
  };
  return item;
}

const stateOf = (kind: HostState['kind']): string =>
  ({
    disconnected: vscode.l10n.t('disconnected'),
    connecting: vscode.l10n.t('connecting'),
    connected: vscode.l10n.t('connected'),
    reconnecting: vscode.l10n.t('reconnecting'),
    failed: vscode.l10n.t('failed'),
  })[kind];

/** How the helper runs on the host. */
const privilegeWords = (privilege: Privilege): string =>
  ({
    root: 'root',
    sudo: vscode.l10n.t('root by sudo'),
    'sudo-password': vscode.l10n.t('root by sudo'),
    user: vscode.l10n.t('without root'),
  })[privilege];

function hostTooltip(host: Host): string {
  const { state } = host;
  const lines = [`${host.name} (${host.config.destination})`];
  if (state.kind === 'failed' || state.kind === 'reconnecting') lines.push(neutralise(state.why));
  if (state.kind === 'connected') {
    lines.push(
      `${neutralise(state.target)}, ${neutralise(state.hello.machine)}, Linux ${neutralise(state.hello.kernel)}`,
    );
    lines.push(vscode.l10n.t('The helper runs: {0}', privilegeWords(state.privilege)));
    if (state.privilege === 'user')
      lines.push(
        vscode.l10n.t(
          'Binding needs root: set "sudo": "ask" for this host, or see "Privileges" in the README.',
        ),
      );
    if (host.notLive !== undefined)
      lines.push(vscode.l10n.t('Changes show after Refresh only: {0}', neutralise(host.notLive)));
  }
  return lines.join('\n');
}
