/** Sending one store and noting its outcome; knows nothing of dialogs, so that tests can drive it. */
import type { IsmFunction, Operations, StoreResult } from '../../protocol/helper';
import { regionName } from '../words/describe';
import { HelperError, isBusy, LinkLostError } from '../base/helperErrors';
import type { Host } from '../hosts/host';
import { sentenceOf, UserError } from '../base/userError';
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
    target: host.target,
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
    throw new UserError(`${sentence} The journal could not be written.`, String(error));
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
  const place = `${regionName(store.region)} ${hex(store.offset)} of ${store.fn.address} on ${store.host.name}`;
  const why = result.error ?? '';
  switch (result.outcome) {
    case 'ok': {
      const time = ((result.durationNs ?? 0) / 1000).toFixed(1);
      return `Stored ${result.count ?? 0} bytes to ${place} in ${time} µs.`;
    }
    case 'short':
      return `The kernel took only ${result.count ?? 0} of ${store.data.length} bytes for ${place}; this is a failed store.`;
    case 'refused':
      return `The store to ${place} was refused and not sent: ${why}`;
    case 'failed':
      return `The store to ${place} failed: ${why}`;
    case 'unknown':
      return `Outcome unknown: the link broke while the store to ${place} was on its way (${why}). It may have happened; it was not and will not be sent again.`;
  }
}
