import * as vscode from 'vscode';
import type { HostList } from '../hosts/hostList';

const SCHEME = 'ism-host';

/** What rows of a host's functions and the host itself are decorated by. */
export const hostUri = (name: string, address = ''): vscode.Uri =>
  vscode.Uri.from({ scheme: SCHEME, authority: '', path: `/${address}`, query: name });

/** A badge and a colour for everything that belongs to a production host; the tooltip and screen readers say why. */
export class HostDecorations implements vscode.FileDecorationProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeFileDecorations = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly hosts: HostList) {
    this.subscriptions = [
      vscode.window.registerFileDecorationProvider(this),
      hosts.onDidChange((host) => host ?? this.changed.fire(undefined)),
    ];
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== SCHEME) return undefined;
    const host = this.hosts.all.find(({ name }) => name === uri.query);
    if (!host || !this.hosts.settingsOf(host).production) return undefined;
    return new vscode.FileDecoration('P', 'production', new vscode.ThemeColor('list.errorForeground'));
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }
}
