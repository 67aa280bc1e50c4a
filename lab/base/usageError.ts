/** What a user wrote cannot be understood; the message is one sentence. */
export class UsageError extends Error {}
