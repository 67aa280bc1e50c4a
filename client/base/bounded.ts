/** Waits that have an end: every answer of a peer may be late, or never come. */
import { CancelledError } from './cancelled';
import { UnreachableError } from './userError';

export interface Bounds {
  readonly seconds: number;
  /** What the wait ends with when the time is over. */
  readonly late: () => Error;
  /** The person's wish to end it. */
  readonly signal?: AbortSignal | undefined;
  /** Settles with a reason when the link is gone, and nothing can come any more. */
  readonly gone?: Promise<string> | undefined;
}

/**
 * Waits for `work`, and no longer than the bounds allow. What it answers after that is dropped.
 *
 * @throws CancelledError when the signal came first, `late()` when the time did, UnreachableError when the link ended
 */
export async function bounded<T>(work: Promise<T>, { seconds, late, signal, gone }: Bounds): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let cancel: (() => void) | undefined;
  work.catch(() => undefined); // it may fail when nobody waits any more
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(late()), seconds * 1000);
        cancel = () => reject(new CancelledError());
        if (signal?.aborted) cancel();
        else signal?.addEventListener('abort', cancel, { once: true });
        // What came in the same turn as the end goes first.
        void gone?.then((reason) =>
          setImmediate(() =>
            reject(new UnreachableError(`The connection was closed (${reason}); connect again.`)),
          ),
        );
      }),
    ]);
  } finally {
    clearTimeout(timer);
    if (cancel) signal?.removeEventListener('abort', cancel);
  }
}
