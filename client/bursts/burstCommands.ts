/** *Burst of Stores*, and what can be done with what it measured. Loaded when it is first used. */
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { MAX_BURST } from '../../protocol/runOperations';
import { hex } from '../../storescript/values/hexInput';
import { parseOffset } from '../../storescript/values/offsetExpression';
import { regionName } from '../words/describe';
import type { Node } from '../choose/nodes';
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { requireTrust } from '../hosts/trust';
import { UserError } from '../base/userError';
import { hostMarks, mustConfirm } from '../stores/hostConfirmation';
import type { StoreJournal } from '../journal/journal';
import type { PlannedStore } from '../stores/sendStore';
import { instructionWords } from '../stores/storeInstruction';
import { burstCsv } from './burstCsv';
import { burstPage } from './burstPage';
import { BurstRuns, runOf, titleOf, type BurstRun } from './burstRun';
import { sendBurst, sentenceOfBurst, type PlannedBurst } from './sendBurst';
import {
  showErrorMessage,
  showInformationMessage,
  showInputBox,
  showQuickPick,
  showWarningMessage,
  withProgress,
} from '../sinks/dialogs';

const title = (): string => 'Burst of Stores';

export class BurstCommands implements vscode.Disposable {
  private readonly runs: BurstRuns;
  private readonly panels = new Map<vscode.WebviewPanel, readonly BurstRun[]>();

  /** @param planStore asks for function, region, offset and bytes, as for a single store */
  constructor(
    private readonly hosts: HostList,
    private readonly journal: StoreJournal,
    memory: vscode.Memento,
    private readonly planStore: (node: Node | undefined, title: string) => Promise<PlannedStore | undefined>,
  ) {
    this.runs = new BurstRuns(memory);
  }

  dispose(): void {
    for (const panel of this.panels.keys()) panel.dispose();
  }

  /** Asks for everything, sends the burst once, and shows what the host measured. */
  async run(node?: Node): Promise<void> {
    requireTrust('store');
    const store = await this.planStore(node, title());
    const count = store && (await askCount());
    const step = count === undefined ? undefined : await askStep();
    if (!store || count === undefined || step === undefined) return;
    const burst = planned(store, count, step);
    if (!(await this.confirm(store.host, burst))) return;
    const ending = await withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: `${count} stores to ${regionName(burst.region)} of ${burst.function}`,
        cancellable: true,
      },
      (_progress, signal) => sendBurst(burst, this.journal, signal),
    );
    const sentence = sentenceOfBurst(burst, ending);
    if (ending.kind === 'unknown') void showWarningMessage(sentence, { modal: true });
    else if (ending.kind === 'refused') void showErrorMessage(sentence);
    else {
      const { result } = ending;
      const run = runOf(burst, result, randomUUID(), new Date());
      await this.runs.add(run);
      this.show([run]);
      if (result.failed > 0) void showErrorMessage(sentence);
      else void showInformationMessage(sentence);
    }
  }

  /** Shows a burst that was kept. */
  async open(): Promise<void> {
    const run = await this.pick('Show Burst');
    if (run) this.show([run]);
  }

  /** Shows another burst over the one of the page, or over one that is chosen. */
  async compare(): Promise<void> {
    const name = 'Compare Bursts';
    const one = this.active?.[0] ?? (await this.pick(`${name} (A)`));
    const other = one && (await this.pick(`${name} (B)`, one));
    if (other) this.show([one, other]);
  }

  /** Writes the buckets of the page's bursts, or of one that is chosen, into a file. */
  async export(): Promise<void> {
    const name = 'Export Burst as CSV';
    const [first, ...others] = this.active ?? [];
    const run = first ?? (await this.pick(name));
    if (!run) return;
    const uri = await vscode.window.showSaveDialog({ title: name, filters: { CSV: ['csv'] } });
    if (!uri) return;
    const text = [run, ...others]
      .map(burstCsv)
      .map((csv, at) => (at === 0 ? csv : csv.replace(/^.*\r\n/, '')));
    await vscode.workspace.fs.writeFile(uri, Buffer.from(text.join('')));
    void showInformationMessage(`The burst is in ${uri.fsPath}.`);
  }

  private get active(): readonly BurstRun[] | undefined {
    return [...this.panels].find(([panel]) => panel.active)?.[1];
  }

  private async pick(name: string, except?: BurstRun): Promise<BurstRun | undefined> {
    const runs = this.runs.all.filter(({ id }) => id !== except?.id);
    if (runs.length === 0)
      throw new UserError(
        except
          ? 'There is no other burst; run one more to compare.'
          : 'No burst was measured yet; run one first.',
      );
    const items = runs.map((run) => ({
      run,
      label: titleOf(run),
      description: new Date(run.time).toLocaleString(),
      detail: `${Math.round(run.result.storesPerSecond).toLocaleString('en-US')} a second`,
    }));
    return (await showQuickPick(items, { title: name, matchOnDescription: true }))?.run;
  }

  private show(runs: readonly BurstRun[]): void {
    const [first, second] = runs;
    const panel = vscode.window.createWebviewPanel(
      'ism.burst',
      second ? 'Bursts compared' : `Burst of ${first?.result.sent ?? 0}`,
      vscode.ViewColumn.Active,
      { enableScripts: false, localResourceRoots: [] },
    );
    panel.webview.html = burstPage(runs, randomUUID());
    this.panels.set(panel, runs);
    panel.onDidDispose(() => this.panels.delete(panel));
  }

  private async confirm(host: Host, burst: PlannedBurst): Promise<boolean> {
    if (!mustConfirm(this.hosts, host)) return true;
    const { production } = this.hosts.settingsOf(host);
    const send = production ? `Send ${burst.count} Stores in Production` : `Send ${burst.count} Stores`;
    const last = burst.offset + burst.step * BigInt(burst.count - 1);
    const choice = await showWarningMessage(
      `Send ${burst.count} stores of ${burst.data.length} bytes to ${regionName(burst.region)} of ${burst.function} on ${host.name}?`,
      {
        modal: true,
        detail: [
          ...hostMarks(this.hosts, host),
          burst.step === 0n
            ? `All go to offset ${hex(burst.offset)}.`
            : `Offsets ${hex(burst.offset)} to ${hex(last)}, ${hex(burst.step)} apart.`,
          'The first store that fails ends the burst.',
          instructionWords([host.opened(burst.function)?.driver || host.find(burst.function).driver]),
          'A store can write another system’s memory and cannot be undone.',
        ].join('\n\n'),
      },
      send,
    );
    return choice === send;
  }
}

function planned(
  { host, fn, handle, region, offset, data }: PlannedStore,
  count: number,
  step: bigint,
): PlannedBurst {
  return {
    ...{ hostName: host.name, function: fn.address, fid: fn.fid, handle, region, offset, data, count, step },
    target: host.target,
    request: (op, params, sent) => host.request(op, params, sent),
  };
}

async function askCount(): Promise<number | undefined> {
  const valid = (text: string): boolean =>
    /^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= MAX_BURST;
  const text = await showInputBox({
    title: title(),
    prompt: `How many stores, 1 to ${MAX_BURST}`,
    value: '1000',
    ignoreFocusOut: true,
    validateInput: (typed) => (valid(typed) ? undefined : `Type a whole number from 1 to ${MAX_BURST}.`),
  });
  return text !== undefined && valid(text) ? Number(text) : undefined;
}

async function askStep(): Promise<bigint | undefined> {
  const text = await showInputBox({
    title: title(),
    prompt: 'How far each store is from the one before; 0 sends all to the same offset',
    value: '0',
    ignoreFocusOut: true,
    validateInput: (typed) => {
      const step = parseOffset(typed);
      return step.ok ? undefined : step.why;
    },
  });
  const step = text === undefined ? undefined : parseOffset(text);
  return step?.ok ? step.value : undefined;
}
