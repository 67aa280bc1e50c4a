/** *Try My Driver*: a bundle of its own, loaded when the command is first run. */
import path from 'node:path';
import * as vscode from 'vscode';
import { refusingSource } from '../audit/refusingSource';
import { pickHost } from '../choose/pick';
import type { Node } from '../choose/nodes';
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { requireTrust } from '../hosts/trust';
import { UserError } from '../base/userError';
import type { StoreJournal } from '../journal/journal';
import { chooseDescription, chooseSource } from './chooseDriver';
import { confirmStep, confirmTrial } from './confirmTrial';
import { moduleName, readDescription } from './description';
import type { DriverSource } from './driverSource';
import type { PlacedReport } from './sourceLines';
import { TrialProblems } from './trialProblems';
import { runTrialScripts } from './trialScripts';
import { driverItem, TrialReporter } from './trialTests';
import { tryDriver, type TryResult, type TryStep } from './tryDriver';
import { signalOf } from '../sinks/cancellation';
import { showInformationMessage, showWarningMessage, withProgress } from '../sinks/dialogs';

/** What a trial needs of the extension. */
export interface TrialContext {
  readonly controller: vscode.TestController;
  readonly hosts: HostList;
  readonly journal: StoreJournal;
  readonly memento: vscode.Memento;
  /** A folder of the extension's own. */
  readonly storage: string;
}

/** What was tried last, for *Try on Save*. */
export interface LastTrial {
  readonly host: Host;
  readonly source: DriverSource;
  /** The functions that the person agreed to. */
  readonly agreed: readonly string[];
  readonly lab: boolean;
}

export class TrialRunner implements vscode.Disposable {
  private readonly problems = new TrialProblems();
  private running = false;
  last: LastTrial | undefined;

  constructor(private readonly context: TrialContext) {}

  /** A trial is under way; its own saving of files is no reason for another. */
  get busy(): boolean {
    return this.running;
  }

  dispose(): void {
    this.problems.dispose();
  }

  /**
   * @param node a row of the explorer: its host, and its function to be audited
   * @param again the last trial, after a save: on a lab nothing is asked that was agreed to, and no scripts are run
   */
  async run(node?: Node, again?: LastTrial): Promise<void> {
    requireTrust('build and load drivers');
    if (this.running) throw new UserError('A driver is being tried already; wait for its end.');
    this.running = true;
    try {
      const source = again?.source ?? (await chooseSource(this.context.memento));
      const host =
        again?.host ??
        (source &&
          (await pickHost(
            this.context.hosts,
            node,
            'Try My Driver',
            (each) => each.state.kind === 'connected',
            'No host is connected; connect one first.',
          )));
      if (source && host) await this.tryOn(host, source, node, again);
    } finally {
      this.running = false;
    }
  }

  private async tryOn(
    host: Host,
    source: DriverSource,
    node: Node | undefined,
    again?: LastTrial,
  ): Promise<void> {
    const file = await chooseDescription(host.name);
    if (file === undefined) return;
    const description = await readDescription(file);
    const address = node && 'fn' in node ? node.fn.address : this.functionOf(host, source);
    for (const document of vscode.workspace.textDocuments)
      if (document.isDirty && document.uri.fsPath.startsWith(source.folder + path.sep)) await document.save();
    const { controller, hosts, journal, storage } = this.context;
    const item = driverItem(controller, source);
    const run = controller.createTestRun(new vscode.TestRunRequest([item]), undefined, false);
    const reporter = new TrialReporter(controller, run, item);
    this.problems.clear();
    const begun = new Set<TryStep>();
    const ends = new Map<TryStep, { why: string; ms: number }>();
    const lab = description.lab && hosts.isLoopback(host);
    let agreed: readonly string[] = again?.agreed ?? [];
    const cancellation = signalOf(run.token);
    const start = performance.now();
    // How long a person took to answer is no time of the trial.
    let asked = 0;
    const asking = async (question: Promise<boolean>): Promise<boolean> => {
      const from = performance.now();
      return question.finally(() => (asked += performance.now() - from));
    };
    // In the status bar: a notification would cover the steps in the list of results, whose button to stop ends the trial.
    const options = { location: vscode.ProgressLocation.Window };
    const title = `Trying ${source.module} on ${host.name}`;
    try {
      const result = await withProgress({ ...options, title }, async (progress) => {
        return tryDriver({
          host,
          drivers: hosts.driverSwitch(host),
          description,
          source,
          storage,
          address,
          signal: cancellation.signal,
          output: (text) => reporter.output(text),
          confirm: async (present, addresses) => {
            if (lab && again && addresses.every((one) => again.agreed.includes(one))) return true;
            const yes = await asking(confirmTrial(hosts, host, present, addresses));
            if (yes) agreed = addresses;
            return yes;
          },
          agree: (step) => (lab ? Promise.resolve(true) : asking(confirmStep(host, step))),
          scripts: (on) =>
            again
              ? Promise.resolve(true)
              : runTrialScripts(host, hosts, journal, on, cancellation.signal, (text) =>
                  reporter.output(text),
                ),
          onStart: (step) => {
            begun.add(step);
            reporter.start(step);
            const label = item.children.get(step)?.label;
            if (label !== undefined) progress.report({ message: label });
          },
          onEnd: (step, _ok, why, ms) => ends.set(step, { why, ms }),
        });
      });
      await this.tell(result, source, reporter, ends);
      this.last = { host, source, agreed, lab };
      void this.notify(result, host, source, ends, performance.now() - start - asked);
    } finally {
      cancellation.dispose();
      reporter.skipRest(begun);
      run.end();
    }
  }

  /** The function to audit: one that is bound to this driver, else the first that no driver has. */
  private functionOf(host: Host, source: DriverSource): string | undefined {
    const name = source.module.replace(/-/g, '_');
    const bound = host.functions.find(({ driver }) => driver === name);
    return (bound ?? host.functions.find(({ driver }) => driver === null))?.address;
  }

  private async tell(
    { built, audit, reports }: TryResult,
    source: DriverSource,
    reporter: TrialReporter,
    ends: ReadonlyMap<TryStep, { why: string; ms: number }>,
  ): Promise<void> {
    await this.problems.showCompiler(built?.messages ?? []);
    const places = await this.problems.showReports(reports);
    const [refusing] = audit ? await refusingSource(moduleName(source.module)) : [];
    if (audit) reporter.regions(audit, refusing);
    for (const [step, { why, ms }] of ends)
      reporter.end(step, why, ms, step === 'log' ? placesOf(reports, places) : []);
  }

  private async notify(
    { ok, built, address, reports }: TryResult,
    host: Host,
    source: DriverSource,
    ends: ReadonlyMap<TryStep, { why: string; ms: number }>,
    ms: number,
  ): Promise<void> {
    const seconds = (ms / 1000).toFixed(1);
    const why = [...ends.values()].flatMap((end) => (end.why === '' ? [] : [end.why]));
    if (ok) {
      void showInformationMessage(`${source.module} runs on ${host.name}; nothing was found (${seconds} s).`);
      return;
    }
    const problems = 'Show Problems';
    const audit = 'Show Audit';
    const failedAudit = (ends.get('audit')?.why ?? '') !== '';
    const hasProblems = (built?.messages.length ?? 0) > 0 || reports.length > 0;
    const choice = await showWarningMessage(
      `${source.module} on ${host.name} (${seconds} s): ${why.join(' ')}`,
      ...(hasProblems ? [problems] : []),
      ...(failedAudit ? [audit] : []),
    );
    if (choice === problems) await vscode.commands.executeCommand('workbench.actions.view.problems');
    if (choice === audit && address !== undefined)
      await vscode.commands.executeCommand('ism.auditRegions', {
        kind: 'function',
        host,
        fn: host.find(address),
      });
  }
}

const placesOf = (
  reports: readonly PlacedReport[],
  places: readonly vscode.Location[],
): (readonly [string, vscode.Location])[] =>
  reports.flatMap(({ report }, index) => {
    const place = places[index];
    return place ? [[report.title, place] as const] : [];
  });
