import * as vscode from 'vscode';
import type { BindResult, PlannedBind } from '../../protocol/helper';
import type { Node } from '../choose/nodes';
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { requireTrust } from '../hosts/trust';
import { UserError } from '../base/userError';
import type { Log } from '../sinks/log';
import { neutralise } from '../../protocol/remoteText';
import { eachFunction, type Outcome } from '../choose/eachFunction';
import { pickFunctions, type FunctionChoice } from '../choose/pick';
import type { PlanDocuments } from './planDocuments';
import { planDocument, warningLines, writeLines, type HostPlan } from './planText';
import { bindWords, driverName, restoreWords, type PlanWords } from './planWords';
import {
  showErrorMessage,
  showInformationMessage,
  showQuickPick,
  showWarningMessage,
  withProgress,
} from '../sinks/dialogs';

/** Lines that a dialog can show without growing out of the window. */
const DIALOG_LINES = 14;

interface Planned extends HostPlan, FunctionChoice {}

/** *Bind to ism-vfio-pci*, *Bind to Driver…* and *Restore Driver*, for one function or several. */
export class BindCommands {
  constructor(
    private readonly hosts: HostList,
    private readonly log: Log,
    private readonly documents: PlanDocuments,
  ) {}

  /** Binds to the driver that the host's helper names first. */
  async bind(node?: Node, nodes?: readonly Node[]): Promise<void> {
    const title = 'Bind to ism-vfio-pci';
    const none = 'Every function of the connected hosts is bound to ism-vfio-pci already.';
    await this.bindTo(title, node, nodes, none, (choice) => usualDriver(choice));
  }

  /** Asks which of the drivers that the helper offers. */
  async bindToDriver(node?: Node, nodes?: readonly Node[]): Promise<void> {
    const title = 'Bind to Driver';
    const offered = new Set(this.hosts.connected.flatMap(({ drivers }) => drivers));
    if (offered.size === 0) throw new UserError('No host is connected; connect one first.');
    const items = [...offered].map((label) => ({ label }));
    const driver = (await showQuickPick(items, { title, ignoreFocusOut: true }))?.label;
    if (driver === undefined) return;
    const none = `Every function of the connected hosts is bound to ${neutralise(driver)} already.`;
    await this.bindTo(title, node, nodes, none, () => driver);
  }

  private async bindTo(
    title: string,
    node: Node | undefined,
    nodes: readonly Node[] | undefined,
    none: string,
    driverOf: (choice: FunctionChoice) => string,
  ): Promise<void> {
    requireTrust('change drivers');
    const fits = (choice: FunctionChoice): boolean => choice.fn.driver !== driverOf(choice);
    const choices = await pickFunctions(this.hosts, node, nodes, title, fits, none);
    if (choices.length === 0) return;
    const plans = await this.plan(choices, (host, addresses, first) =>
      this.hosts.driverSwitch(host).plan(addresses, driverOf(first)),
    );
    const possible = whatCanBeDone(plans, none);
    if (!(await this.confirm(plans, bindWords(plans, possible)))) return;
    const outcomes = await this.run(title, possible, ({ host, plan }) =>
      this.hosts.driverSwitch(host).bind(
        plan.address,
        {
          ...(plan.driver === null ? {} : { driver: plan.driver }),
          plan: plan.plan,
          // Only what was warned of is forced: a function that came into use since is refused as changed.
          ...(plan.gravest === 'force' ? { force: true } : {}),
        },
        plan.present,
      ),
    );
    this.report(
      outcomes,
      'Bound',
      ({ fn, plan }) => `${neutralise(fn.address)} is bound to ${driverName(plan)}.`,
    );
  }

  async restore(node?: Node, nodes?: readonly Node[]): Promise<void> {
    requireTrust('change drivers');
    const title = 'Restore Driver';
    const none = 'No function of the connected hosts is bound to a vfio driver.';
    const fits = ({ fn }: FunctionChoice): boolean => fn.vfio.state !== 'unbound';
    const choices = await pickFunctions(this.hosts, node, nodes, title, fits, none);
    if (choices.length === 0) return;
    const plans = await this.plan(choices, (host, addresses) =>
      this.hosts.driverSwitch(host).planRestore(addresses),
    );
    const possible = whatCanBeDone(plans, none);
    if (!(await this.confirm(plans, restoreWords(plans, possible)))) return;
    const outcomes = await this.run(title, possible, ({ host, plan }) =>
      this.hosts.driverSwitch(host).restore(plan.address, plan.plan),
    );
    this.report(
      outcomes,
      'Restored',
      ({ fn, plan }) => `Restored ${neutralise(fn.address)} to ${driverName(plan)}.`,
    );
  }

  /** One request for each host. What this window has open itself is closed first: it would be in the way. */
  private async plan(
    choices: readonly FunctionChoice[],
    ask: (host: Host, addresses: string[], first: FunctionChoice) => Promise<readonly PlannedBind[]>,
  ): Promise<Planned[]> {
    const planned: Planned[] = [];
    for (const host of new Set(choices.map((choice) => choice.host))) {
      const here = choices.filter((choice) => choice.host === host);
      const [first] = here;
      if (!first) continue;
      const plans = await ask(
        host,
        here.map(({ fn }) => fn.address),
        first,
      );
      for (const { fn } of here) {
        const plan = plans.find(({ address }) => address === fn.address);
        if (plan) planned.push({ host, fn, hostName: host.name, plan });
      }
    }
    return planned;
  }

  /** Shows what will be written. Nothing is written before a person has seen it and agreed. */
  private async confirm(plans: readonly HostPlan[], words: PlanWords): Promise<boolean> {
    const showPlan = 'Show Plan';
    const writes = writeLines(plans);
    const warnings = warningLines(plans);
    const room = Math.max(DIALOG_LINES - warnings.length, 3);
    const rest =
      writes.length > room ? [`… and ${writes.length - room} more writes; Show Plan has all of them.`] : [];
    const detail = [
      ...warnings,
      ...(warnings.length > 0 ? [''] : []),
      'This will be written:',
      ...writes.slice(0, room),
      ...rest,
    ].join('\n');
    const { question, button, title } = words;
    const choice = await showWarningMessage(question, { modal: true, detail }, button, showPlan);
    if (choice !== showPlan) return choice === button;
    await this.documents.show(title, planDocument(plans, words.restoring));
    // Not modal, so that the document can be read before the answer.
    return (await showWarningMessage(question, button)) === button;
  }

  private async run<T extends FunctionChoice>(
    title: string,
    items: readonly T[],
    step: (item: T) => Promise<BindResult>,
  ): Promise<Outcome<T>[]> {
    const location = vscode.ProgressLocation.Notification;
    return withProgress({ location, title, cancellable: items.length > 1 }, async (progress, signal) =>
      eachFunction(
        items,
        async (item) => {
          const result = await step(item);
          const steps = result.steps.map((one) => neutralise(one)).join('; ') || 'already done';
          this.log.info(`[${item.host.name}] ${result.address}: ${steps}`);
        },
        ({ fn }, index) =>
          progress.report({
            message: `${neutralise(fn.address)} (${index + 1} of ${items.length})`,
            increment: index === 0 ? 0 : 100 / items.length,
          }),
        signal,
      ),
    );
  }

  /** One sentence for each function that failed, one for all others. */
  private report<T extends FunctionChoice>(
    outcomes: readonly Outcome<T>[],
    verb: 'Bound' | 'Restored',
    done: (item: T) => string,
  ): void {
    const [only] = outcomes;
    for (const { item, result, why } of outcomes)
      if (result === 'failed') this.log.warn(`[${item.host.name}] ${item.fn.address}: ${why}`);
    if (only && outcomes.length === 1) {
      if (only.result === 'failed') void showErrorMessage(only.why);
      else void showInformationMessage(done(only.item));
      return;
    }
    const count = (wanted: string): number => outcomes.filter(({ result }) => result === wanted).length;
    const sentences = [`${verb} ${count('done')} of ${outcomes.length} functions.`];
    if (count('not started') > 0) sentences.push(`Cancelled before the other ${count('not started')}.`);
    for (const { item, result, why } of outcomes)
      if (result === 'failed')
        sentences.push(why.includes(item.fn.address) ? why : `${neutralise(item.fn.address)}: ${why}`);
    const text = sentences.join(' ');
    if (count('failed') > 0) void showErrorMessage(text);
    else void showInformationMessage(text);
  }
}

/** The plans that write something. @throws UserError with what speaks against them when there are none */
function whatCanBeDone(plans: readonly Planned[], none: string): readonly Planned[] {
  const possible = plans.filter(({ plan }) => plan.gravest !== 'refuse' && plan.writes.length > 0);
  if (possible.length === 0) throw new UserError(warningLines(plans).join(' ') || none);
  return possible;
}

/** The driver that the helper of a function's host names first. */
function usualDriver({ host }: FunctionChoice): string {
  return host.drivers[0] ?? '';
}
