import * as vscode from 'vscode';
import type { ReadResult } from '../../protocol/helper';
import { hexDump } from './hexDump';

/** Windows of regions as read-only documents; each read gets one of its own, so that two can be compared. */
export class RegionDocuments implements vscode.TextDocumentContentProvider {
  static readonly scheme = 'ism-region';
  private readonly texts = new Map<string, string>();
  private counter = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? 'This read belongs to an earlier session; read the region again.\n';
  }

  async show(host: string, address: string, region: string, offset: bigint, read: ReadResult): Promise<void> {
    const data = Buffer.from(read.data, 'hex');
    const when = new Date().toISOString();
    const short = read.count < read.requested ? `, ${read.requested} were asked for` : '';
    const head = `${region} of ${address} on ${host}, ${read.count} bytes from 0x${offset.toString(16)}${short}, read ${when}\n\n`;
    const name = `${region} ${address} 0x${offset.toString(16)} (${++this.counter})`.replace(/[/:]/g, '-');
    const uri = vscode.Uri.from({ scheme: RegionDocuments.scheme, path: `/${name}.txt` });
    this.texts.set(uri.path, head + hexDump(data, offset));
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }
}
