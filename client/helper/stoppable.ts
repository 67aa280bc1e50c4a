/** Requests that take long and can be stopped: bursts and scripts. */
import type { Operation, Operations } from '../../protocol/helper';

/** As {@link HelperChannel.request}: what sends one request and waits for its answer. */
export type SendRequest = <O extends Operation>(
  op: O,
  params: Operations[O]['params'],
  sent?: (id: number) => void,
) => Promise<Operations[O]['result']>;

/**
 * Sends one request, and `stop` for it once the signal asks for that, also when it did so before. Nothing is sent twice.
 *
 * @throws as `request` does
 */
export async function requestStoppable<O extends 'burst' | 'script-run'>(
  request: SendRequest,
  op: O,
  params: Operations[O]['params'],
  signal: AbortSignal | undefined,
): Promise<Operations[O]['result']> {
  let stop: (() => void) | undefined;
  try {
    return await request(op, params, (id) => {
      // An answer that says it was too late, or a link that breaks, shows in the request itself.
      stop = () => void request('stop', { request: id }).catch(() => undefined);
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
  }
}
