import * as vscode from 'vscode';
import type { ReadResult } from '../../protocol/helper';
import { UserError } from '../base/userError';
import { hex } from '../../storescript/values/hexInput';
import { RegionBytes } from '../stores/regionBytes';
import {
  formatName,
  type RegionDocuments,
  type RegionWindow,
  type WindowFormat,
  type WindowPlace,
} from '../stores/regionDocuments';
import { showInformationMessage, showQuickPick } from '../sinks/dialogs';

const HEX_EDITOR = { extension: 'ms-vscode.hexeditor', view: 'hexEditor.hexedit' };

/** Reads a window; opens the device when it is not open (any more). */
export async function readWindow(place: WindowPlace): Promise<ReadResult> {
  const { handle } = await place.host.open(place.address);
  const { region, offset, length } = place;
  return place.host.request('read', { handle, region, offset: hex(offset), length });
}

/** What can be done with a window that is shown: its title has the buttons. */
export class WindowCommands {
  constructor(private readonly documents: RegionDocuments) {}

  /** Reads the same bytes again; a snapshot stays as it is. */
  async refresh(given?: vscode.Uri): Promise<void> {
    const { uri, window } = this.current(given);
    if (window.snapshot) throw new UserError('This is a snapshot; refresh the window that it was taken of.');
    this.documents.replace(uri, await readWindow(window.place));
  }

  async format(given?: vscode.Uri): Promise<void> {
    const { uri } = this.current(given);
    const formats: WindowFormat[] = [
      { width: 1, order: 'be' },
      ...([2, 4, 8] as const).flatMap((width): WindowFormat[] => [
        { width, order: 'be' },
        { width, order: 'le' },
      ]),
    ];
    const items = formats.map((value) => ({ label: formatName(value), value }));
    const choice = await showQuickPick(items, { title: 'Show Region As' });
    if (choice) this.documents.replace(uri, choice.value);
  }

  snapshot(given?: vscode.Uri): Promise<void> {
    const { uri, window } = this.current(given);
    this.documents.snapshot(uri);
    void showInformationMessage(
      `Kept ${window.data.length} bytes as a snapshot; refresh the window and compare them.`,
    );
    return Promise.resolve();
  }

  /** The diff editor of this window and another read of the same bytes, the older one on the left. */
  async compare(given?: vscode.Uri): Promise<void> {
    const { uri, window } = this.current(given);
    const others = this.documents.others(uri);
    if (others.length === 0)
      throw new UserError('There is nothing to compare with; take a snapshot first, then refresh.');
    const items = others.map((other) => ({
      label: other.window.snapshot ? 'Snapshot' : 'Window',
      description: other.window.time,
      value: other,
    }));
    const title = 'Compare With';
    const choice = items.length === 1 ? items[0] : await showQuickPick(items, { title });
    if (!choice) return;
    const [left, right] =
      choice.value.window.time <= window.time ? [choice.value.uri, uri] : [uri, choice.value.uri];
    const name = `${uri.path.slice(1).replace(/ \(\d+\)\.txt$/, '')}: what changed`;
    await vscode.commands.executeCommand('vscode.diff', left, right, name);
  }

  async openInHexEditor(given?: vscode.Uri): Promise<void> {
    const { uri } = this.current(given);
    if (!vscode.extensions.getExtension(HEX_EDITOR.extension))
      throw new UserError(
        `The extension Hex Editor (${HEX_EDITOR.extension}) is not installed; install it first.`,
      );
    await vscode.commands.executeCommand('vscode.openWith', RegionBytes.uriOf(uri), HEX_EDITOR.view);
  }

  private current(given?: vscode.Uri): { uri: vscode.Uri; window: RegionWindow } {
    const uri = given ?? vscode.window.activeTextEditor?.document.uri;
    const window = uri && this.documents.get(uri);
    if (!uri || !window)
      throw new UserError('No region is shown in the active editor; use ISM: Read Region first.');
    return { uri, window };
  }
}
