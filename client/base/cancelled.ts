/**
 * The person cancelled. Thrown so that every layer above ends; never shown, because the person knows. `Log.failure` ignores it.
 */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor() {
    super('The operation was cancelled.');
  }
}
