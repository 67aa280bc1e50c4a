/** A burst of stores: noted in the journal, sent once, its outcome noted. Knows nothing of VS Code and repeats nothing. */
import type { BurstResult } from '../../protocol/runOperations';
import { hex, hexOf } from '../../storescript/values/hexInput';
import { regionName } from '../words/describe';
import { HelperError } from '../base/helperErrors';
import { requestStoppable, type SendRequest } from '../helper/stoppable';
import { sentenceOf, UserError } from '../base/userError';
import { neutralise } from '../../protocol/remoteText';
import { nothingSent, type StoreIntent, type StoreJournal, type StoreResolution } from '../journal/journal';

/** What is to be sent, and the way to the helper. */
export interface PlannedBurst {
  readonly hostName: string;
  /** user@host */
  readonly target: string;
  readonly function: string;
  readonly fid: string | null;
  readonly handle: number;
  readonly region: number;
  readonly offset: bigint;
  /** How far each store is from the one before. */
  readonly step: bigint;
  readonly count: number;
  /** In memory order; the same for all stores. */
  readonly data: Uint8Array;
  readonly request: SendRequest;
}

/** How a burst ended: with what the host measured, or with a sentence about why there is nothing. */
export type BurstEnding =
  | { readonly kind: 'measured'; readonly result: BurstResult }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/**
 * @param burst what to send
 * @param journal where it is noted before and after
 * @param signal ends it; what was sent by then is told
 * @throws UserError when the journal cannot be written; before sending, that means nothing was sent
 */
export async function sendBurst(
  burst: PlannedBurst,
  journal: StoreJournal,
  signal?: AbortSignal,
): Promise<BurstEnding> {
  const finish = await journal.begin(intentOf(burst)).catch(nothingSent);
  const ending = await attempt(burst, signal);
  await finish(resolutionOf(ending)).catch((error: unknown) => {
    throw new UserError('The burst ended, but the journal could not be written.', String(error));
  });
  return ending;
}

function intentOf(burst: PlannedBurst): StoreIntent {
  return {
    ...{ host: burst.hostName, target: burst.target, function: burst.function, fid: burst.fid },
    ...{ region: burst.region, offset: hex(burst.offset), length: burst.data.length },
    ...{ data: hexOf(burst.data), planned: burst.count },
    ...(burst.step === 0n ? {} : { step: hex(burst.step) }),
  };
}

async function attempt(burst: PlannedBurst, signal: AbortSignal | undefined): Promise<BurstEnding> {
  try {
    const result = await requestStoppable(
      burst.request,
      'burst',
      {
        ...{ handle: burst.handle, region: burst.region, offset: hex(burst.offset) },
        ...{ data: hexOf(burst.data), count: burst.count },
        ...(burst.step === 0n ? {} : { step: hex(burst.step) }),
      },
      signal,
    );
    return { kind: 'measured', result };
  } catch (error) {
    const why = neutralise(sentenceOf(error));
    // The helper refuses a burst before its first store; and a UserError says that nothing went out.
    const sure = error instanceof HelperError || error instanceof UserError;
    return { kind: sure ? 'refused' : 'unknown', why };
  }
}

function resolutionOf(ending: BurstEnding): StoreResolution {
  if (ending.kind !== 'measured') return { outcome: ending.kind, error: ending.why };
  const { sent, failed, firstError, durationNs } = ending.result;
  const counts = { sent, failed, durationNs };
  if (failed === 0) return { outcome: 'ok', ...counts };
  return {
    outcome: 'failed',
    ...counts,
    error: neutralise(firstError ? `${firstError.code}: ${firstError.message}` : ''),
  };
}

/** The sentence for the user. */
export function sentenceOfBurst(burst: PlannedBurst, ending: BurstEnding): string {
  const place = `${regionName(burst.region)} ${hex(burst.offset)} of ${burst.function} on ${burst.hostName}`;
  if (ending.kind === 'refused')
    return `The burst to ${place} was refused and nothing was sent: ${ending.why}`;
  if (ending.kind === 'unknown')
    return `Outcome unknown: the link broke during the burst to ${place} (${ending.why}). Up to ${burst.count} stores may have happened; none was or will be sent again.`;
  const { sent, failed, firstError, ended, storesPerSecond } = ending.result;
  const rate = Math.round(storesPerSecond).toLocaleString('en-US');
  if (firstError)
    return `The burst to ${place} ended at store ${firstError.index + 1}: ${neutralise(firstError.message)}. ${sent} of ${burst.count} stores were sent, ${failed} failed.`;
  if (ended === 'count') return `${sent} stores to ${place}: ${rate} a second.`;
  return `Stopped after ${sent} of ${burst.count} stores to ${place}: ${rate} a second.`;
}
