/** Sending one store and noting its outcome; knows nothing of dialogs, so that tests can drive it. */
import type { IsmFunction, Operations, StoreResult } from '../../protocol/helper';
import { regionName } from '../words/describe';
import { HelperError, isBusy, LinkLostError } from '../base/helperErrors';
import type { Host } from '../hosts/host';
import { sentenceOf, UserError } from '../base/userError';
import { t } from '../base/l10n';
import { neutralise } from '../../protocol/remoteText';
import { hex, hexOf } from '../../storescript/values/hexInput';
import { nothingSent, type StoreJournal, type StoreRecord, type StoreResolution } from '../journal/journal';

export interface PlannedStore {
  readonly host: Host;
  readonly fn: IsmFunction;
  readonly handle: number;
  readonly region: number;
  readonly offset: bigint;
  /** In memory order. */
  readonly data: Uint8Array;
}

/** Sends one store; what it throws decides the outcome, as what a request to the helper throws. */
export type StoreRequest = (params: Operations['store']['params']) => Promise<StoreResult>;

/**
 * Notes the store, sends it once, writes the outcome to the journal.
 *
 * @param send how it is sent where it is not the operation `store`; called once
 * @returns the journal's record and the sentence for the user
 * @throws UserError when the journal cannot be written; before sending, that means nothing was sent
 */
export async function sendStore(
  store: PlannedStore,
  journal: StoreJournal,
  send: StoreRequest = (params) => store.host.request('store', params),
): Promise<{ record: StoreRecord; sentence: string }> {
  const { host, fn, handle, region, offset, data } = store;
  const intent = {
    host: host.name,
    target: host.state.kind === 'connected' ? host.state.target : host.config.destination,
    function: fn.address,
    fid: fn.fid,
    region,
    offset: hex(offset),
    length: data.length,
    data: hexOf(data),
  };
  const finish = await journal.begin(intent).catch(nothingSent);
  const resolution = await attempt(store, handle, send);
  const sentence = phrase(store, resolution);
  const record = await finish(resolution).catch((error: unknown) => {
    throw new UserError(t('{0} The journal could not be written.', sentence), String(error));
  });
  return { record, sentence };
}

async function attempt(store: PlannedStore, handle: number, send: StoreRequest): Promise<StoreResolution> {
  try {
    const params = { handle, region: store.region, offset: hex(store.offset), data: hexOf(store.data) };
    const { count, requested, durationNs } = await send(params);
    return { outcome: count === requested ? 'ok' : 'short', count, durationNs };
  } catch (error) {
    if (error instanceof HelperError)
      return {
        // The helper's own refusals, before the device was touched.
        outcome: error.failure.rule || isBusy(error) ? 'refused' : 'failed',
        error: neutralise(`${error.failure.code}: ${error.message}`),
      };
    if (error instanceof UserError) return { outcome: 'refused', error: error.message };
    const why = error instanceof LinkLostError ? error.message : sentenceOf(error);
    return { outcome: 'unknown', error: neutralise(why) };
  }
}

function phrase(store: PlannedStore, result: StoreResolution): string {
  const place = t(
    '{0} {1} of {2} on {3}',
    regionName(store.region),
    hex(store.offset),
    store.fn.address,
    store.host.name,
  );
  const why = result.error ?? '';
  switch (result.outcome) {
    case 'ok': {
      const time = ((result.durationNs ?? 0) / 1000).toFixed(1);
      return t('Stored {0} bytes to {1} in {2} µs.', result.count ?? 0, place, time);
    }
    case 'short':
      return t(
        'The kernel took only {0} of {1} bytes for {2}; this is a failed store.',
        result.count ?? 0,
        store.data.length,
        place,
      );
    case 'refused':
      return t('The store to {0} was refused and not sent: {1}', place, why);
    case 'failed':
      return t('The store to {0} failed: {1}', place, why);
    case 'unknown':
      return t(
        'Outcome unknown: the link broke while the store to {0} was on its way ({1}). It may have happened; it was not and will not be sent again.',
        place,
        why,
      );
  }
}
