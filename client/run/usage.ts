/** A mistake in the command line or in what it names; its message is the sentence for the user. */
export class Usage extends Error {}
