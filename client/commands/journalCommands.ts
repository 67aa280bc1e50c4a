import * as vscode from 'vscode';
import { UserError } from '../base/userError';
import type { StoreJournal, StoreRecord } from '../journal/journal';
import { toCsv, toJsonLines, toPwriteC } from '../journal/journalFormats';
import type { JournalTree } from '../journal/journalTree';
import type { TestStore } from './testStore';
import { setStatusBarMessage, showInformationMessage, showInputBox, showQuickPick } from '../sinks/dialogs';

/** The commands of the view *Store Journal*. */
export class JournalCommands {
  constructor(
    private readonly journal: StoreJournal,
    private readonly tree: JournalTree,
    private readonly testStore: TestStore,
  ) {}

  async open(): Promise<void> {
    const part = await this.journal.newestPart();
    if (part === undefined) {
      void showInformationMessage('The store journal is empty: no store was sent yet.');
      return;
    }
    await vscode.window.showTextDocument(vscode.Uri.file(part));
  }

  async filter(): Promise<void> {
    const text = await showInputBox({
      title: 'Filter Store Journal',
      prompt: 'Text of the host, function, region, offset, bytes or outcome; empty shows all',
      value: this.tree.filter,
    });
    if (text !== undefined) this.tree.filter = text;
  }

  clearFilter(): Promise<void> {
    this.tree.filter = '';
    return Promise.resolve();
  }

  /** Plans the same store anew and asks as for a new one, also where confirmation is switched off. */
  async repeat(given?: StoreRecord): Promise<void> {
    const record = await this.choose(given, 'Repeat Store');
    if (!record) return;
    const { host, function: address, region, offset, data } = record;
    await this.testStore.repeat({ host, function: address, region, offset, data });
  }

  async copyAsC(given?: StoreRecord): Promise<void> {
    const record = await this.choose(given, 'Copy as C');
    if (!record) return;
    await vscode.env.clipboard.writeText(toPwriteC(record));
    setStatusBarMessage('Copied the store as a C function with pwrite.', 4000);
  }

  /** Writes what the view shows, the filter applied, to a file that the person names. */
  async export(): Promise<void> {
    const records = await this.tree.allRecords();
    if (records.length === 0)
      throw new UserError('There is no store to export; clear the filter or send a store first.');
    const formats = [
      { label: 'JSON lines', ending: 'jsonl', write: toJsonLines },
      { label: 'CSV', ending: 'csv', write: toCsv },
    ];
    const title = `Export ${records.length} Stores`;
    const format = await showQuickPick(formats, { title, ignoreFocusOut: true });
    if (!format) return;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(this.journal.file + '/..');
    const target = await vscode.window.showSaveDialog({
      title,
      defaultUri: vscode.Uri.joinPath(folder, `ism-stores.${format.ending}`),
      filters: { [format.label]: [format.ending] },
    });
    if (!target) return;
    await vscode.workspace.fs.writeFile(target, Buffer.from(format.write(records), 'utf8'));
    void showInformationMessage(`Exported ${records.length} stores to ${target.fsPath}.`);
  }

  private async choose(given: StoreRecord | undefined, title: string): Promise<StoreRecord | undefined> {
    const record = given ?? this.tree.selected;
    if (record) return record;
    const records = await this.tree.rows();
    if (records.length === 0) throw new UserError('The store journal is empty: no store was sent yet.');
    const items = records.slice(0, 100).map((value) => ({
      label: `${value.offset} +${value.length}`,
      description: `${value.outcome} · ${value.function} · ${value.host} · ${value.time}`,
      value,
    }));
    return (await showQuickPick(items, { title, matchOnDescription: true }))?.value;
  }
}
