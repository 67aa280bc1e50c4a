/** Loopback results and watched buffers as read-only documents; a watched one follows its buffer. */
import * as vscode from 'vscode';
import { neutralise } from '../../protocol/remoteText';
import { hex } from '../../storescript/values/hexInput';
import type { DmbWatch } from './dmbWatch';
import { dumpBuffer, type Dump } from './dumpChanges';
import type { LoopbackResult } from './loopback';
import { indicesOf, loopbackText } from './loopbackText';

interface Shown {
  readonly text: string;
  /** The bytes that are coloured. */
  readonly marks: readonly vscode.Range[];
}

export class DmbDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  static readonly scheme = 'ism-dmb';
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly shown = new Map<string, Shown>();
  private readonly uris = new WeakMap<DmbWatch, vscode.Uri>();
  private counter = 0;
  private readonly mark = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('diffEditor.insertedTextBackground'),
    fontWeight: 'bold',
  });
  private readonly subscriptions: vscode.Disposable[] = [
    vscode.workspace.registerTextDocumentContentProvider(DmbDocuments.scheme, this),
    vscode.workspace.onDidChangeTextDocument(({ document }) => this.colour(document)),
    vscode.window.onDidChangeVisibleTextEditors((editors) =>
      editors.forEach(({ document }) => this.colour(document)),
    ),
  ];

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.shown.get(uri.path)?.text ?? 'This belongs to an earlier session; run it again.' + '\n';
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.mark.dispose();
    this.changed.dispose();
  }

  async showLoopback(result: LoopbackResult): Promise<void> {
    const { from, to } = result.plan;
    const uri = this.uri(`DMB Loopback ${neutralise(from.fn.address)} to ${neutralise(to.fn.address)}`);
    this.shown.set(uri.path, { text: loopbackText(result), marks: [] });
    await show(uri);
  }

  /** Opens the document of a watched buffer, the same one each time. */
  async showWatch(watch: DmbWatch): Promise<void> {
    this.update(watch);
    const uri = this.uris.get(watch);
    if (uri) await show(uri);
  }

  update(watch: DmbWatch): void {
    const uri = this.uris.get(watch) ?? this.uri(`DMB ${watch.dmb.token} of ${neutralise(watch.fn.address)}`);
    this.uris.set(watch, uri);
    this.shown.set(uri.path, watchText(watch));
    this.changed.fire(uri);
  }

  private uri(name: string): vscode.Uri {
    const path = `/${`${name} (${++this.counter})`.replace(/[/:?#]/g, '-')}.txt`;
    return vscode.Uri.from({ scheme: DmbDocuments.scheme, path });
  }

  private colour(document: vscode.TextDocument): void {
    const marks = document.uri.scheme === DmbDocuments.scheme && this.shown.get(document.uri.path)?.marks;
    if (!marks) return;
    for (const editor of vscode.window.visibleTextEditors)
      if (editor.document === document) editor.setDecorations(this.mark, marks);
  }
}

async function show(uri: vscode.Uri): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
}

function watchText(watch: DmbWatch): Shown {
  const { dmb, fn, host, user, signals, interrupts, lastMask, lastSignal, ended } = watch;
  const dump = dumpBuffer(watch.data, (offset) => watch.isChanged(offset));
  const head = [
    `Buffer of ${neutralise(fn.address)} on ${host.name}: ${dmb.size} bytes, token ${dmb.token}`,
    `GID ${dmb.gid}; the function with GID ${user} may store into it`,
    ended === undefined
      ? 'Watched: use ISM: Stop Watching DMB to unregister it'
      : `Not watched any more, and unregistered: ${ended}`,
    lastSignal === undefined
      ? 'No signal yet'
      : `Signals: ${signals}, interrupts: ${interrupts}; the last at ${lastSignal}, index ${indicesOf(lastMask ?? 0).join(', ')} (mask ${hex(BigInt(lastMask ?? 0))})`,
    'Lines marked with > have the bytes that changed last; * stands for lines of zeros',
    '',
  ];
  const marks = marksOf(watch, dump).map(
    ({ line, from, to }) => new vscode.Range(head.length + line, from, head.length + line, to),
  );
  return { text: [...head, ...dump.lines, ''].join('\n'), marks };
}

/** A coloured span for each run of changed bytes in a line. */
function marksOf(watch: DmbWatch, dump: Dump): { line: number; from: number; to: number }[] {
  const marks: { line: number; from: number; to: number }[] = [];
  for (let at = 0; at < watch.data.length; at++) {
    const place = watch.isChanged(at) ? dump.place(at) : undefined;
    if (!place) continue;
    const last = marks.at(-1);
    // Two digits and a blank for each byte, one more blank between the groups of eight.
    if (last?.line === place.line && place.column - last.to <= 2) last.to = place.column + 2;
    else marks.push({ line: place.line, from: place.column, to: place.column + 2 });
  }
  return marks;
}
