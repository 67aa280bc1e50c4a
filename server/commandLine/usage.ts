/** A mistake on the command line, as one sentence. */
export class Usage extends Error {}
