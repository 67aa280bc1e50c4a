/** Standard output and standard error of ism-run: the one way to them. */
import { forTerminal } from './plainText';

/** Writes to standard output. What a peer or a file said gets there without escape sequences. */
export const writeOut = (text: string): void => void process.stdout.write(forTerminal(text));

/** The same for standard error. */
export const writeError = (text: string): void => void process.stderr.write(forTerminal(text));

/** Settles when all that was written has been taken, or when nobody reads any more. */
export async function flushed(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((done) => stream.write('', () => done()));
}
