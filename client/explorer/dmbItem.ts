import * as vscode from 'vscode';
import type { Node } from '../choose/nodes';

/** The row of a watched buffer below its function. */
export function dmbItem(node: Extract<Node, { kind: 'dmb' }>): vscode.TreeItem {
  const { dmb, signals, lastSignal } = node.watch;
  const item = new vscode.TreeItem(`DMB ${dmb.token}`);
  item.description = lastSignal
    ? `signals: ${signals}, last ${lastSignal.slice(11, 19)}`
    : 'watched, no signal yet';
  item.tooltip = `A buffer of ${dmb.size} bytes that is registered until you stop watching it.`;
  item.iconPath = new vscode.ThemeIcon('eye');
  item.contextValue = 'dmb';
  item.command = { command: 'ism.showDmb', title: 'Show DMB', arguments: [node] };
  item.accessibilityInformation = { label: `DMB ${dmb.token}, ${item.description}` };
  return item;
}
