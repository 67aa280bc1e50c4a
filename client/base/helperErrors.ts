/** What a request to the helper can end with besides an answer. */
import type { Failure } from '../../protocol/helper';
import { neutralise } from '../../protocol/remoteText';

/** The helper's own refusal or the kernel's, in the helper's words, made harmless: a host may say anything. */
export class HelperError extends Error {
  override readonly name = 'HelperError';
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(neutralise(failure.message));
    this.failure = { ...failure, code: neutralise(failure.code, 64), message: this.message };
  }
}

/** Whether the helper refused because a burst or script runs: then nothing was done, and it can be asked for again later. */
export const isBusy = (error: unknown): boolean =>
  error instanceof HelperError && error.failure.code === 'running';

/**
 * The link ended while a request was on its way. Whether it was carried out cannot be known: callers that changed
 * or stored something must say so and must not repeat it.
 */
export class LinkLostError extends Error {
  override readonly name = 'LinkLostError';
}
