/**
 * A failure whose message is the one sentence that the user reads: what was wrong and what to do.
 * Everything else that is known goes into `detail`, which only the output channel shows.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  constructor(
    message: string,
    readonly detail?: string,
  ) {
    super(message);
  }
}

/** A host that does not answer now and may later: only after such a failure it makes sense to try again unasked. */
export class UnreachableError extends UserError {}

/** The sentence for any failure, without a stack. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the output channel gets: the sentence, the details and where it came from. */
export function detailOf(error: unknown): string {
  if (error instanceof UserError) return error.detail ? `${error.message}\n${error.detail}` : error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
