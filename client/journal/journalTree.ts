import * as vscode from 'vscode';
import { regionName } from '../words/describe';
import { neutralise } from '../../protocol/remoteText';
import { plainRow } from '../sinks/rows';
import type { StoreJournal, StoreOutcome, StoreRecord } from './journal';
import { matches } from './journalFormats';
import { meaningOf } from '../words/storeMeaning';

/** A tree of thousands of rows helps nobody; the file has them all. */
const MOST_ROWS = 1000;

const ICONS: Readonly<Record<StoreOutcome, [icon: string, color: string]>> = {
  ok: ['pass', 'testing.iconPassed'],
  short: ['warning', 'list.warningForeground'],
  refused: ['circle-slash', 'disabledForeground'],
  failed: ['error', 'list.errorForeground'],
  unknown: ['question', 'list.warningForeground'],
};

const outcomeWords = (outcome: StoreOutcome): string =>
  ({
    ok: 'every byte was taken',
    short: 'short: the kernel took fewer bytes, a failed store',
    refused: 'refused, never sent to the device',
    failed: 'failed: the kernel answered with an error',
    unknown: 'outcome unknown, it may have happened',
  })[outcome];

/** The view *Store Journal*: every store, newest first, those that the filter leaves. */
export class JournalTree implements vscode.TreeDataProvider<StoreRecord>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<StoreRecord>;
  private readonly subscription: { dispose(): void };
  private wanted = '';
  private readNewest: ReturnType<StoreJournal['newest']>;

  constructor(private readonly journal: StoreJournal) {
    this.readNewest = this.reader();
    this.view = vscode.window.createTreeView('ism.journal', { treeDataProvider: this });
    this.subscription = journal.onDidChange(() => this.refresh());
    // Another window writes to the same file.
    this.view.onDidChangeVisibility(({ visible }) => visible && this.refresh());
  }

  dispose(): void {
    this.subscription.dispose();
    this.view.dispose();
    this.changed.dispose();
  }

  get filter(): string {
    return this.wanted;
  }

  /** Shows records that have the text; an empty one shows all. */
  set filter(text: string) {
    this.wanted = text.trim();
    this.readNewest = this.reader();
    this.view.description = this.wanted === '' ? '' : `filter: ${this.wanted}`;
    void vscode.commands.executeCommand('setContext', 'ism.journalFiltered', this.wanted !== '');
    this.refresh();
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  get selected(): StoreRecord | undefined {
    return this.view.selection[0];
  }

  private reader(): ReturnType<StoreJournal['newest']> {
    const { wanted } = this;
    return this.journal.newest(MOST_ROWS, (record) => matches(record, wanted));
  }

  /** The rows of the view: newest first, filtered, at most {@link MOST_ROWS}. */
  async rows(): Promise<StoreRecord[]> {
    return (await this.readNewest()).records;
  }

  /** All stores that the filter leaves, oldest first. */
  async allRecords(): Promise<StoreRecord[]> {
    return (await this.journal.records()).filter((record) => matches(record, this.wanted));
  }

  async getChildren(record?: StoreRecord): Promise<StoreRecord[]> {
    if (record) return [];
    const { records, total } = await this.readNewest();
    this.view.message =
      total > records.length
        ? `The newest ${records.length} of ${total} stores. Export Journal writes them all.`
        : records.length === 0 && this.wanted !== ''
          ? 'No store of the journal has the text of the filter.'
          : undefined;
    return records;
  }

  getTreeItem(record: StoreRecord): vscode.TreeItem {
    const region = regionName(record.region);
    const time = new Date(record.time);
    const clock = Number.isNaN(time.getTime()) ? record.time : time.toLocaleTimeString();
    const times = record.planned === undefined ? '' : ` × ${record.sent ?? '?'}/${record.planned}`;
    const step = record.step === undefined ? '' : ` step ${record.step}`;
    const item = new vscode.TreeItem(`${region} ${record.offset} +${record.length}${times}${step}`);
    item.id = record.id;
    item.description = neutralise(`${record.outcome} · ${record.function} · ${record.host} · ${clock}`);
    // A line that another version wrote may have an outcome that this one does not know.
    const [icon, color] = ICONS[record.outcome] ?? ICONS.unknown;
    item.iconPath = new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
    item.tooltip = tooltip(record, region);
    item.contextValue = 'store';
    item.accessibilityInformation = {
      label: `Store of ${record.length} bytes to ${region} ${record.offset} of ${neutralise(record.function)} on ${neutralise(record.host)} at ${clock}: ${outcomeWords(record.outcome) ?? record.outcome}`,
    };
    return plainRow(item);
  }
}

function tooltip(record: StoreRecord, region: string): string {
  const meaning = meaningOf(record);
  const bytes = record.data.slice(0, 64).replace(/(..)(?=.)/g, '$1 ') + (record.data.length > 64 ? ' …' : '');
  return [
    `Outcome: ${outcomeWords(record.outcome) ?? record.outcome}`,
    ...(record.error ? [record.error] : []),
    `Sent: ${record.time}`,
    ...(record.script !== undefined || record.planned === undefined
      ? []
      : [`Burst: sent ${record.sent ?? '?'} of ${record.planned} times, ${record.failed ?? '?'} failed`]),
    ...(record.step === undefined ? [] : [`Step: each store ${record.step} bytes behind the one before`]),
    ...(record.script === undefined
      ? []
      : [
          `Script: ${record.script}, sent ${record.sent ?? '?'} of ${record.planned ?? '?'} times, ${record.failed ?? '?'} failed`,
        ]),
    `Host: ${record.host} (${record.target})`,
    `Function: ${record.function}, FID ${record.fid ?? '?'}`,
    `Place: ${region} ${record.offset}, ${record.length} bytes`,
    ...(meaning === undefined ? [] : [`To ISM: ${meaning}`]),
    `Bytes: ${bytes}`,
    ...(record.durationNs === undefined
      ? []
      : [`Time in pwrite: ${(record.durationNs / 1000).toFixed(1)} µs`]),
  ]
    .map((line) => neutralise(line))
    .join('\n');
}
