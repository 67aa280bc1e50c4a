/** Reads and runs store scripts for the Testing view. Nothing runs that a person did not start and agree to. */
import * as vscode from 'vscode';
import type { IsmFunction } from '../../protocol/helper';
import { check, isRunnable, type ScriptTest } from '../../storescript/checker';
import { pickFunction, pickHost } from '../choose/pick';
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { requireTrust } from '../hosts/trust';
import { sentenceOf } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';
import type { StoreJournal } from '../journal/journal';
import { confirmRun, type Load } from './confirmRun';
import { findFunction } from './openTarget';
import { runTest } from './runTest';
import type { TestResult } from './testResult';
import { signalOf } from '../sinks/cancellation';
import { appendOutput, createTestItem, plainTestDiff, plainTestMessage } from '../sinks/rows';

/** A test that is to be run. */
interface Chosen {
  readonly item: vscode.TestItem;
  readonly uri: vscode.Uri;
  readonly test: ScriptTest;
}
interface Placed extends Chosen {
  readonly fn: IsmFunction;
}

export class ScriptRunner {
  constructor(
    private readonly controller: vscode.TestController,
    private readonly hosts: HostList,
    private readonly journal: StoreJournal,
  ) {}

  /** Gives a file's item its tests. */
  async read(item: vscode.TestItem): Promise<void> {
    const { uri } = item;
    if (!uri || item.parent) return;
    const document = await vscode.workspace.openTextDocument(uri).then(
      (opened) => opened,
      () => undefined,
    );
    if (!document) {
      item.error = 'The file cannot be read.';
      return;
    }
    const { tests } = check(document.getText());
    item.children.replace(
      tests.map((test, index) => {
        const id = idOf(test, index);
        const name = test.name ?? 'all steps';
        // The same object while the test is there, because a request may hold it.
        const child = item.children.get(id) ?? createTestItem(this.controller, id, name, uri);
        child.range = document.lineAt(test.line).range;
        child.description = `${test.stores} stores`;
        return child;
      }),
    );
  }

  /** Runs the tests of a request on one host, after one question. @throws UserError with one sentence */
  async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    requireTrust('run scripts');
    const run = this.controller.createTestRun(request);
    const cancellation = signalOf(token, run.token);
    try {
      const chosen = await this.choose(request, run);
      if (chosen.length === 0) return;
      const host = await pickHost(
        this.hosts,
        undefined,
        'Run store scripts on',
        (each) => each.state.kind === 'connected',
        'No host is connected; connect one first.',
      );
      const placed = host && (await this.place(host, chosen));
      if (!host || !placed || !(await confirmRun(host, this.hosts, loadsOf(placed)))) {
        chosen.forEach(({ item }) => run.skipped(item));
        return;
      }
      for (const each of placed) await this.runOne(run, host, each, cancellation.signal);
    } finally {
      cancellation.dispose();
      run.end();
    }
  }

  /** The tests of a request, of scripts in which nothing is wrong; the others are told to be wrong. */
  private async choose(request: vscode.TestRunRequest, run: vscode.TestRun): Promise<Chosen[]> {
    const roots = request.include ?? [...this.controller.items].map(([, item]) => item);
    const files = new Set(roots.map((item) => item.parent ?? item));
    const isWanted = (item: vscode.TestItem): boolean =>
      roots.some((root) => root === item || root === item.parent) &&
      !(request.exclude ?? []).some((out) => out === item || out === item.parent);
    const chosen: Chosen[] = [];
    for (const file of files) {
      if (!file.uri) continue;
      await this.read(file);
      const document = await vscode.workspace.openTextDocument(file.uri);
      const script = check(document.getText());
      const items = [...file.children].map(([, item]) => item).filter(isWanted);
      const mistake = script.diagnostics.find(({ severity }) => severity === 'error');
      for (const item of items) {
        const index = script.tests.findIndex((test, at) => idOf(test, at) === item.id);
        const test = script.tests[index];
        if (!isRunnable(script) && mistake) {
          const message = plainTestMessage(
            `The script has a mistake, so nothing was run: ${mistake.message}`,
          );
          message.location = new vscode.Location(file.uri, document.positionAt(mistake.start));
          run.errored(item, message);
        } else if (test && test.steps.length > 0) {
          run.enqueued(item);
          chosen.push({ item, uri: file.uri, test });
        } else run.skipped(item);
      }
    }
    return chosen;
  }

  /** Which function each test goes to; one question for all that name none. Undefined when the person gave up. */
  private async place(host: Host, chosen: readonly Chosen[]): Promise<Placed[] | undefined> {
    let other: IsmFunction | undefined;
    const placed: Placed[] = [];
    for (const each of chosen) {
      const { device } = each.test;
      if (!device && !other) {
        const picked = await pickFunction(
          this.hosts,
          undefined,
          'The function for scripts that name none',
          (fn) => host.functions.some(({ address }) => address === fn.address),
          `There is no function on ${host.name}.`,
        );
        if (!picked) return undefined;
        other = picked.fn;
      }
      const fn = device ? findFunction(host.functions, device, host.name) : other;
      if (fn) placed.push({ ...each, fn });
    }
    return placed;
  }

  private async runOne(run: vscode.TestRun, host: Host, placed: Placed, signal: AbortSignal): Promise<void> {
    const { item, uri, test, fn } = placed;
    if (signal.aborted) return run.skipped(item);
    run.started(item);
    const name = vscode.workspace.asRelativePath(uri);
    let result: TestResult;
    try {
      const { handle } = await host.open(fn.address);
      const target = host.target;
      const request: Host['request'] = (op, params, sent) => host.request(op, params, sent);
      result = await runTest(
        { hostName: host.name, target, fn, handle, request },
        name,
        test,
        this.journal,
        signal,
      );
    } catch (error) {
      const stores = { planned: test.stores, sent: 0, failed: 0 };
      result = { verdict: 'trouble', message: neutralise(sentenceOf(error)), durationNs: 0, stores };
    }
    tell(run, placed, result, name);
  }
}

/** Names are unique in a file; tests without one are told apart by their place. */
const idOf = (test: ScriptTest, index: number): string => (test.name ? `test ${test.name}` : `#${index}`);

function tell(run: vscode.TestRun, { item, uri, test }: Placed, result: TestResult, name: string): void {
  const { verdict, message, stores, durationNs, expected, actual } = result;
  const ms = durationNs / 1e6;
  const at = new vscode.Location(uri, new vscode.Position(result.line ?? test.line, 0));
  const figures = `${ms.toFixed(1)} ms on the host, ${stores.sent} of ${stores.planned} stores sent`;
  const bytes = expected === undefined ? '' : `\n${'expected:'}\n${expected}\n${'actual:'}\n${actual ?? ''}`;
  const text = `${verdict} ${name}: ${item.label} (${figures})${message && `\n${message}${bytes}`}\n`;
  // With a place the text would stand in the editor as well, which a test that passed need not.
  appendOutput(run, text.replace(/\n/g, '\r\n'), verdict === 'passed' ? undefined : at, item);
  if (verdict === 'passed') return run.passed(item, ms);
  const told =
    expected === undefined ? plainTestMessage(message) : plainTestDiff(message, expected, actual ?? '');
  told.location = at;
  if (verdict === 'failed') return run.failed(item, told, ms);
  if (verdict === 'stopped') return run.skipped(item);
  run.errored(item, told, ms);
}

function loadsOf(placed: readonly Placed[]): Load[] {
  const loads = new Map<string, Load>();
  for (const { fn, test } of placed) {
    const { tests, stores } = loads.get(fn.address) ?? { tests: 0, stores: 0 };
    loads.set(fn.address, {
      ...{ address: fn.address, fid: fn.fid, driver: fn.driver },
      ...{ tests: tests + 1, stores: stores + test.stores },
    });
  }
  return [...loads.values()];
}
