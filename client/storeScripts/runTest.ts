/** Carries out one test of a script on a host: journal, load, run, result. Knows nothing of VS Code and repeats nothing. */
import type { IsmFunction } from '../../protocol/helper';
import type { ScriptResult } from '../../protocol/runOperations';
import type { ScriptTest } from '../../storescript/checker';
import { compile, pieces, type Program } from '../../storescript/compile';
import { storesSent, type Sent } from '../../storescript/progress';
import { HelperError } from '../base/helperErrors';
import { requestStoppable, type SendRequest } from '../helper/stoppable';
import { sentenceOf, UserError } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';
import { nothingSent, type StoreIntent, type StoreJournal, type StoreResolution } from '../journal/journal';
import { compareBytes } from './compareBytes';
import type { TestResult } from './testResult';

/** An open function, and the way to its helper. */
export interface ScriptTarget {
  readonly hostName: string;
  /** user@host */
  readonly target: string;
  readonly fn: IsmFunction;
  readonly handle: number;
  readonly request: SendRequest;
}

/**
 * @param file the script's name, for the journal
 * @param test of a script in which nothing is wrong
 * @param signal ends the test; what was sent by then is told
 * @throws UserError when the journal cannot be written; before sending, that means nothing was sent
 */
export async function runTest(
  target: ScriptTarget,
  file: string,
  test: ScriptTest,
  journal: StoreJournal,
  signal?: AbortSignal,
): Promise<TestResult> {
  const program = compile(test);
  const planned = storesSent(program.steps, undefined);
  const nothing = { planned: test.stores, sent: 0, failed: 0 };
  if (signal?.aborted)
    return { verdict: 'stopped', message: 'Stopped before it began.', durationNs: 0, stores: nothing };
  try {
    for (const piece of pieces(program.steps)) await target.request('script-load', piece);
  } catch (error) {
    const message = `The script could not be loaded, so nothing was sent: ${neutralise(sentenceOf(error))}`;
    return { verdict: 'trouble', message, durationNs: 0, stores: nothing };
  }
  const intents = planned.map((each) => intentOf(target, file, program, each));
  const finish = await journal.beginAll(intents).catch(nothingSent);
  const { result, end } = await attempt(target, program, test, signal);
  const stores = end ? storesSent(program.steps, end) : planned;
  const resolutions = stores.map((each) => resolutionOf(each, result, end));
  await finish(resolutions).catch((error: unknown) => {
    throw new UserError(`${result.message} The journal could not be written.`, String(error));
  });
  return result;
}

/** `end` is undefined when it is not known what happened. */
async function attempt(
  target: ScriptTarget,
  program: Program,
  test: ScriptTest,
  signal: AbortSignal | undefined,
): Promise<{ result: TestResult; end: ScriptResult | undefined }> {
  const nothing = { planned: test.stores, sent: 0, failed: 0 };
  try {
    const params = { handle: target.handle, steps: program.steps.length };
    const end = await requestStoppable(target.request, 'script-run', params, signal);
    return { result: resultOf(program, test, end), end };
  } catch (error) {
    // The helper answered without running, or nothing went out: then no store was sent.
    const sure = error instanceof HelperError || error instanceof UserError;
    const why = neutralise(sentenceOf(error));
    const message = sure
      ? `The test was not run: ${why}`
      : `Outcome unknown: the link broke while the test ran (${why}). Its stores may have happened; none was or will be sent again.`;
    const result = {
      verdict: sure ? 'trouble' : 'unknown',
      message,
      durationNs: 0,
      stores: nothing,
    } as const;
    return { result, end: sure ? NOTHING_SENT : undefined };
  }
}

const NOTHING_SENT: ScriptResult = {
  ...{ ended: 'refused', steps: 0, reads: 0, sent: 0, succeeded: 0, failed: 0, bytes: 0, durationNs: 0 },
  ...{ at: { step: 0, rounds: [], sent: 0 }, failure: null },
};

function resultOf(program: Program, test: ScriptTest, end: ScriptResult): TestResult {
  const { durationNs, sent, failed, at, failure } = end;
  const base = { durationNs, stores: { planned: test.stores, sent, failed } };
  const index = at?.step ?? 0;
  const line = program.lines[index];
  const place = line === undefined ? {} : { line };
  const why = neutralise(failure?.message ?? '');
  switch (end.ended) {
    case 'done':
      return { ...base, verdict: 'passed', message: '' };
    case 'refused':
      return {
        ...base,
        ...place,
        verdict: 'refused',
        message: `Refused before the first store: ${why}.`,
      };
    case 'stop':
      return {
        ...base,
        ...place,
        verdict: 'stopped',
        message: `Stopped after ${sent} of ${test.stores} stores.`,
      };
    case 'input':
      return { ...base, ...place, verdict: 'stopped', message: 'Ended because the session ended.' };
    case 'failed': {
      const step = program.steps[index];
      const round =
        at && at.rounds.length > 0 ? ` In round ${at.rounds.map((each) => each + 1).join('.')}.` : '';
      if (step?.do === 'expect' && failure?.actual !== undefined) {
        const { sentence, expected, actual } = compareBytes(step, failure.actual);
        return { ...base, ...place, verdict: 'failed', message: sentence + round, expected, actual };
      }
      // An expected failure that did not come is about the line that expects it.
      const errorLine = program.errorLines[index];
      const wanted = step && 'error' in step && step.error !== undefined ? step.error : undefined;
      const texts = wanted === undefined ? {} : { expected: wanted, actual: failure?.code ?? '' };
      return {
        ...base,
        ...(errorLine === undefined ? place : { line: errorLine }),
        ...texts,
        verdict: 'failed',
        message: sentence(why) + round,
      };
    }
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function intentOf(
  target: ScriptTarget,
  file: string,
  program: Program,
  { step, planned }: Sent,
): StoreIntent {
  const store = program.steps[step];
  if (store?.do !== 'store' && store?.do !== 'burst') throw new Error(`step ${step} is no store`);
  return {
    ...{ host: target.hostName, target: target.target, function: target.fn.address, fid: target.fn.fid },
    ...{ region: store.region, offset: store.offset, length: store.data.length / 2, data: store.data },
    ...{ script: `${file}:${(program.lines[step] ?? 0) + 1}`, planned },
    ...(store.do === 'burst' && store.step !== undefined ? { step: store.step } : {}),
  };
}

function resolutionOf(
  each: Sent,
  result: TestResult,
  end: ScriptResult | undefined,
): StoreResolution | undefined {
  if (!end) return { outcome: 'unknown', error: result.message };
  if (each.sent === 0) return undefined;
  const counts = { sent: each.sent, failed: each.failed };
  if (each.failed === 0) return { outcome: 'ok', ...counts };
  const isLast = end.at?.step === each.step && end.failure;
  return { outcome: 'failed', ...counts, ...(isLast ? { error: result.message } : {}) };
}
