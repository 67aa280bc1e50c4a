import * as vscode from 'vscode';
import type { HostList } from '../hosts/hostList';
import { forWidget } from '../sinks/plainText';

/** The one item in the status bar: which hosts are connected. Shown only while one is; a click opens the view. */
export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly hosts: HostList) {
    this.item = vscode.window.createStatusBarItem('ism.status', vscode.StatusBarAlignment.Left);
    this.item.name = 'ISM Hosts';
    this.item.command = 'ism.devices.focus';
    this.subscription = hosts.onDidChange(() => this.update());
  }

  private update(): void {
    const { connected } = this.hosts;
    const [first] = connected;
    if (!first) return this.item.hide();
    const names = connected.map((host) => host.name).join(', ');
    const production = connected.filter((host) => this.hosts.settingsOf(host).production);
    const what = connected.length === 1 ? first.name : `${connected.length} hosts`;
    this.item.text = `$(circuit-board) ISM: ${forWidget(what)}`;
    this.item.tooltip =
      production.length > 0
        ? `Connected: ${names}. Production: ${production.map((host) => host.name).join(', ')}`
        : `Connected: ${names}`;
    this.item.backgroundColor =
      production.length > 0 ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.accessibilityInformation = { label: `ISM. ${this.item.tooltip}`, role: 'button' };
    this.item.show();
  }

  dispose(): void {
    this.subscription.dispose();
    this.item.dispose();
  }
}
