/**
 * A reason why setting up cannot go on. The message is one sentence for a person: what is missing and what to do.
 * Details, such as the output of apt-get, are in the log file that the sentence names.
 */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
