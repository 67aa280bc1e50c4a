/**
 * The client is several bundles, each with a copy of these classes, so `instanceof` asks for a mark: an error of
 * dist/client/remote.js has to be known in extension.js for what it is.
 */
const USER_ERROR = Symbol.for('ism-driver-tools.UserError');
const UNREACHABLE = Symbol.for('ism-driver-tools.UnreachableError');

/** Whether a value has a mark, whichever copy of a class made it. */
export const isMarked = (value: unknown, mark: symbol): boolean =>
  typeof value === 'object' && value !== null && mark in value;

/**
 * A failure whose message is the one sentence that the user reads: what was wrong and what to do.
 * Everything else that is known goes into `detail`, which only the output channel shows.
 */
export class UserError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isMarked(value, USER_ERROR);
  }
  override readonly name: string = 'UserError';
  readonly [USER_ERROR] = true;
  constructor(
    message: string,
    readonly detail?: string,
  ) {
    super(message);
  }
}

/** A host that does not answer now and may later: only after such a failure it makes sense to try again unasked. */
export class UnreachableError extends UserError {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isMarked(value, UNREACHABLE);
  }
  readonly [UNREACHABLE] = true;
}

/** The sentence for any failure; one that nobody phrased is shown as it is, without its stack. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the output channel gets: the sentence, the details and where it came from. */
export function detailOf(error: unknown): string {
  if (error instanceof UserError) return error.detail ? `${error.message}\n${error.detail}` : error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
