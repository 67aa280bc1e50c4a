import { Script } from 'node:vm';

/** Where the work stands that is to be carried out; a script can call nothing but what is global. */
const place = Symbol.for('ism-lint.work');
const call = new Script(`globalThis[Symbol.for('ism-lint.work')]()`);

/**
 * Carries out work that ends by itself in all that is known, and cuts it off where it does not: V8 ends whatever runs, be it a loop
 * or a regular expression. What was cut off leaves no `finally` behind it, so that what it worked on must not be used again.
 *
 * @param milliseconds how long it may take
 * @returns whether it came to its end
 */
export function carryOut(work: () => void, milliseconds: number): boolean {
  const before = Reflect.get(globalThis, place) as unknown;
  Reflect.set(globalThis, place, work);
  try {
    call.runInThisContext({ timeout: milliseconds });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  } finally {
    Reflect.set(globalThis, place, before);
  }
}
