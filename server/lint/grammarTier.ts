import { setFlagsFromString } from 'node:v8';

/** With more text than this, in characters, optimised code of the grammar pays for itself. */
const worthOptimising = 8_000_000;

/**
 * Decides how V8 compiles the grammar; to be called before it is loaded. Its largest functions take V8's optimising compiler
 * half a second, which is more than all of drivers/vfio takes with the code that the baseline compiler makes at once; the
 * process would even wait at its end for another thread to be done with it.
 * @param size how much there is to parse, in characters
 */
export function chooseGrammarTier(size: number): void {
  if (size >= worthOptimising) return;
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
}
