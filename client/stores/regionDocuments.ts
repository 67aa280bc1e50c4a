/** Windows of regions as read-only documents: each is one read of at most 4096 bytes, never a whole BAR. */
import * as vscode from 'vscode';
import type { ReadResult } from '../../protocol/helper';
import { regionName } from '../words/describe';
import type { Host } from '../hosts/host';
import { neutralise } from '../../protocol/remoteText';
import { decodeControlPage } from './controlPage';
import { hexDump } from './hexDump';
import { hex } from '../../storescript/values/hexInput';
import { wordDump, type ByteOrder, type WordWidth } from './wordDump';

/** ISM's control page. */
const CONTROL_PAGE = 2;

/** Which bytes of which region. */
export interface WindowPlace {
  readonly host: Host;
  readonly address: string;
  readonly region: number;
  readonly offset: bigint;
  readonly length: number;
}

export interface WindowFormat {
  readonly width: WordWidth;
  readonly order: ByteOrder;
}

/** One read and how it is shown. A snapshot is never read again. */
export interface RegionWindow {
  readonly place: WindowPlace;
  readonly format: WindowFormat;
  readonly data: Uint8Array;
  /** ISO 8601, of the read. */
  readonly time: string;
  readonly snapshot: boolean;
}

export class RegionDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  static readonly scheme = 'ism-region';
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly windows = new Map<string, RegionWindow>();
  private counter = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    const window = this.windows.get(uri.path);
    return window ? textOf(window) : 'This read belongs to an earlier session; read the region again.' + '\n';
  }

  dispose(): void {
    this.changed.dispose();
  }

  get(uri: vscode.Uri): RegionWindow | undefined {
    return uri.scheme === RegionDocuments.scheme ? this.windows.get(uri.path) : undefined;
  }

  /** The other windows onto the same bytes, newest first. */
  others(uri: vscode.Uri): { uri: vscode.Uri; window: RegionWindow }[] {
    const mine = this.get(uri);
    if (!mine) return [];
    return [...this.windows]
      .filter(([path, { place }]) => path !== uri.path && same(place, mine.place))
      .map(([path, window]) => ({ uri: uri.with({ path }), window }))
      .reverse();
  }

  async show(place: WindowPlace, read: ReadResult): Promise<void> {
    // Configuration space is little-endian; what ISM puts into its pages is big-endian.
    const format: WindowFormat = { width: 1, order: place.region === 7 ? 'le' : 'be' };
    const uri = this.keep({ place, format, ...taken(read), snapshot: false });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
  }

  /** New bytes or another format for a window that is shown. */
  replace(uri: vscode.Uri, change: ReadResult | WindowFormat): void {
    const window = this.get(uri);
    if (!window) return;
    this.windows.set(uri.path, {
      ...window,
      ...('data' in change ? taken(change) : { format: change }),
    });
    this.changed.fire(uri);
  }

  /** Keeps what a window shows now. */
  snapshot(uri: vscode.Uri): vscode.Uri | undefined {
    const window = this.get(uri);
    return window && this.keep({ ...window, snapshot: true });
  }

  private keep(window: RegionWindow): vscode.Uri {
    const { place, snapshot, time } = window;
    const kind = snapshot ? ` snapshot ${time.slice(11, 19)}` : '';
    const name = `${regionName(place.region)} ${place.address} ${hex(place.offset)}${kind} (${++this.counter})`;
    const path = `/${name.replace(/[/:]/g, '-')}.txt`;
    this.windows.set(path, window);
    return vscode.Uri.from({ scheme: RegionDocuments.scheme, path });
  }
}

const taken = (read: ReadResult): { data: Uint8Array; time: string } => ({
  data: Buffer.from(read.data, 'hex'),
  time: new Date().toISOString(),
});

const same = (a: WindowPlace, b: WindowPlace): boolean =>
  a.host.name === b.host.name && a.address === b.address && a.region === b.region && a.offset === b.offset;

/** How a format is called. */
export const formatName = ({ width, order }: WindowFormat): string =>
  width === 1 ? 'bytes' : order === 'be' ? `${width} bytes, big-endian` : `${width} bytes, little-endian`;

function textOf({ place, format, data, time, snapshot }: RegionWindow): string {
  const { host, address, region, offset, length } = place;
  const head = [
    `${regionName(region)} of ${neutralise(address)} on ${host.name}: ${data.length} bytes from ${hex(offset)}`,
    ...(data.length < length ? [`${length} bytes were asked for.`] : []),
    snapshot ? `A snapshot, read ${time}` : `Read ${time}`,
    `Shown as ${formatName(format)}`,
  ];
  const decoded = region === CONTROL_PAGE && offset === 0n ? decodeControlPage(data) : undefined;
  return [
    head.join('\n'),
    format.width === 1 ? hexDump(data, offset) : wordDump(data, offset, format.width, format.order),
    ...(decoded ? [`${'ISM control page'}\n${decoded}`] : []),
  ].join('\n\n');
}
