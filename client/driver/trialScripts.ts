/** The store scripts that the setting names, run on the function with the new driver. */
import * as vscode from 'vscode';
import { check, isRunnable, type ScriptTest } from '../../storescript/checker';
import type { Host } from '../hosts/host';
import type { HostList } from '../hosts/hostList';
import { UserError } from '../base/userError';
import { confirmRun } from '../storeScripts/confirmRun';
import { findFunction } from '../storeScripts/openTarget';
import { runTest } from '../storeScripts/runTest';
import type { StoreJournal } from '../journal/journal';

interface Chosen {
  readonly name: string;
  readonly test: ScriptTest;
}

/**
 * Asks once for all stores, unless there are none to run.
 *
 * @param address the function of scripts that name none
 * @returns whether all tests passed
 */
export async function runTrialScripts(
  host: Host,
  hosts: HostList,
  journal: StoreJournal,
  address: string,
  signal: AbortSignal,
  output: (text: string) => void,
): Promise<boolean> {
  const chosen = await chosenTests();
  if (chosen.length === 0) {
    output('No store scripts are chosen (setting ism.driver.scripts).\n');
    return true;
  }
  const placed = chosen.map((each) => ({
    ...each,
    fn: each.test.device ? findFunction(host.functions, each.test.device, host.name) : host.find(address),
  }));
  const loads = placed.map(({ fn, test }) => ({
    address: fn.address,
    fid: fn.fid,
    driver: fn.driver,
    tests: 1,
    stores: test.stores,
  }));
  if (!(await confirmRun(host, hosts, loads))) throw new UserError('The scripts were not run.');
  const target = host.target;
  let passed = true;
  for (const { name, test, fn } of placed) {
    const { handle } = await host.open(fn.address);
    const request: Host['request'] = (op, params, sent) => host.request(op, params, sent);
    const result = await runTest(
      { hostName: host.name, target, fn, handle, request },
      name,
      test,
      journal,
      signal,
    );
    output(`${result.verdict} ${name}: ${test.name ?? ''} ${result.message}\n`);
    passed &&= result.verdict === 'passed';
  }
  return passed;
}

/** @throws UserError when a script has a mistake */
async function chosenTests(): Promise<Chosen[]> {
  const setting: unknown = vscode.workspace.getConfiguration('ism.driver').get('scripts');
  const patterns = Array.isArray(setting)
    ? setting.filter((one): one is string => typeof one === 'string')
    : [];
  const chosen: Chosen[] = [];
  for (const pattern of patterns)
    for (const uri of await vscode.workspace.findFiles(pattern)) {
      const name = vscode.workspace.asRelativePath(uri);
      const script = check((await vscode.workspace.openTextDocument(uri)).getText());
      if (!isRunnable(script))
        throw new UserError(`${name} has a mistake, so no script was run; correct it.`);
      chosen.push(...script.tests.filter(({ steps }) => steps.length > 0).map((test) => ({ name, test })));
    }
  return chosen;
}
