/** A mistake of whoever called the program, as one sentence. */
export class Usage extends Error {}
