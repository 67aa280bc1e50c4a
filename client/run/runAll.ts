/** Runs tests one after the other over one session; each function is opened once. */
import type { DeviceName, ScriptTest } from '../../storescript/checker';
import type { RemoteSession } from '../helper/remote';
import { sentenceOf } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';
import { findFunction } from '../storeScripts/openTarget';
import { runTest, type ScriptTarget } from '../storeScripts/runTest';
import type { TestResult } from '../storeScripts/testResult';
import type { StoreJournal } from '../journal/journal';
import type { Ran } from './reports';

export interface Wanted {
  readonly file: string;
  readonly name: string;
  readonly test: ScriptTest;
  readonly device: DeviceName;
}

/**
 * @param hostName for the journal
 * @param bind whether functions that no vfio driver has are bound for the run, and given back after it
 * @param say tells where stores will go, before the first one to each function
 * @param told gets each result as it comes
 */
export async function runAll(
  session: RemoteSession,
  hostName: string,
  bind: boolean,
  wanted: readonly Wanted[],
  journal: StoreJournal,
  signal: AbortSignal,
  say: (line: string) => void,
  told: (ran: Ran) => void,
): Promise<Ran[]> {
  const { functions } = await session.channel.request('list', {});
  const targets = new Map<string, ScriptTarget>();
  const bound: string[] = [];
  const open = async (device: DeviceName): Promise<ScriptTarget> => {
    const fn = findFunction(functions, device, hostName);
    const known = targets.get(fn.address);
    if (known) return known;
    const stores = wanted
      .filter((each) => findsSame(functions, each.device, fn.address))
      .reduce((sum, { test }) => sum + test.stores, 0);
    say(`host ${session.target}, function ${fn.address}, FID ${fn.fid ?? '?'}: at most ${stores} stores`);
    if (bind && fn.vfio.state === 'unbound') {
      // What uses it, SMC-D above all, would lose it: then the helper refuses, and nobody here insists.
      const { driver } = await session.channel.request('bind', { address: fn.address });
      bound.push(fn.address);
      say(`${fn.address} is bound to ${driver ?? 'its driver'} for this run`);
    }
    const { handle } = await session.channel.request('open', { address: fn.address });
    const target: ScriptTarget = {
      ...{ hostName, target: session.target, fn, handle },
      request: (op, params, sent) => session.channel.request(op, params, sent),
    };
    targets.set(fn.address, target);
    return target;
  };
  const all: Ran[] = [];
  for (const { file, name, test, device } of wanted) {
    const nothing = { durationNs: 0, stores: { planned: test.stores, sent: 0, failed: 0 } };
    let result: TestResult;
    if (signal.aborted) result = { ...nothing, verdict: 'stopped', message: 'Stopped before it began.' };
    else
      try {
        result = await runTest(await open(device), file, test, journal, signal);
      } catch (error) {
        result = { ...nothing, verdict: 'trouble', message: neutralise(sentenceOf(error)) };
      }
    const ran = { file, name, line: test.line, result };
    all.push(ran);
    told(ran);
  }
  for (const { handle } of targets.values()) await session.channel.request('close', { handle }).catch(ignore);
  for (const address of bound)
    try {
      await session.channel.request('restore', { address });
      say(`${address} is what it was before`);
    } catch (error) {
      say(`${address} stays bound, and could not be given back: ${neutralise(sentenceOf(error))}`);
    }
  return all;
}

/** A link that broke closes everything itself. */
const ignore = (): undefined => undefined;

function findsSame(
  functions: Parameters<typeof findFunction>[0],
  device: DeviceName,
  address: string,
): boolean {
  try {
    return findFunction(functions, device, '').address === address;
  } catch {
    return false;
  }
}
