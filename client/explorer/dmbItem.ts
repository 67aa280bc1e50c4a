import * as vscode from 'vscode';
import type { Node } from '../choose/nodes';

/** The row of a watched buffer below its function. */
export function dmbItem(node: Extract<Node, { kind: 'dmb' }>): vscode.TreeItem {
  const { dmb, signals, lastSignal } = node.watch;
  const item = new vscode.TreeItem(vscode.l10n.t('DMB {0}', dmb.token));
  item.description = lastSignal
    ? vscode.l10n.t('signals: {0}, last {1}', signals, lastSignal.slice(11, 19))
    : vscode.l10n.t('watched, no signal yet');
  item.tooltip = vscode.l10n.t(
    'A buffer of {0} bytes that is registered until you stop watching it.',
    dmb.size,
  );
  item.iconPath = new vscode.ThemeIcon('eye');
  item.contextValue = 'dmb';
  item.command = { command: 'ism.showDmb', title: vscode.l10n.t('Show DMB'), arguments: [node] };
  item.accessibilityInformation = { label: `${vscode.l10n.t('DMB {0}', dmb.token)}, ${item.description}` };
  return item;
}
