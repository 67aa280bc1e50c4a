import * as vscode from 'vscode';
import type { RegionDocuments } from './regionDocuments';

/** The bytes of region windows as read-only files, for editors that show binary files. */
export class RegionBytes implements vscode.FileSystemProvider, vscode.Disposable {
  static readonly scheme = 'ism-bytes';
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly documents: RegionDocuments) {
    this.subscriptions = [
      vscode.workspace.registerFileSystemProvider(RegionBytes.scheme, this, { isReadonly: true }),
      documents.onDidChange((uri) =>
        this.changed.fire([{ type: vscode.FileChangeType.Changed, uri: RegionBytes.uriOf(uri) }]),
      ),
    ];
  }

  /** The file with the bytes of a window. */
  static uriOf(window: vscode.Uri): vscode.Uri {
    return vscode.Uri.from({ scheme: RegionBytes.scheme, path: window.path.replace(/\.txt$/, '.bin') });
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  private find(uri: vscode.Uri): { data: Uint8Array; time: number } {
    const path = uri.path.replace(/\.bin$/, '.txt');
    const window = this.documents.get(uri.with({ scheme: 'ism-region', path }));
    if (!window) throw vscode.FileSystemError.FileNotFound(uri);
    return { data: window.data, time: Date.parse(window.time) };
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { data, time } = this.find(uri);
    return {
      type: vscode.FileType.File,
      ctime: time,
      mtime: time,
      size: data.length,
      permissions: vscode.FilePermission.Readonly,
    };
  }
  readFile(uri: vscode.Uri): Uint8Array {
    return this.find(uri).data;
  }
  readDirectory(): [string, vscode.FileType][] {
    return [];
  }
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }
  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}
