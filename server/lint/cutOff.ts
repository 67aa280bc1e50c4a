import { Script } from 'node:vm';

/** The global through which the script calls the work: it can reach only what is global. */
const place = Symbol.for('ism-lint.work');
const call = new Script(`globalThis[Symbol.for('ism-lint.work')]()`);

/**
 * Runs work and stops it at a time-out: V8 interrupts whatever runs, be it a loop or a regular expression. No `finally` of the work
 * runs then, so that its data must not be used again.
 *
 * @param milliseconds how long it may take
 * @returns whether it ended in time
 */
export function runWithTimeout(work: () => void, milliseconds: number): boolean {
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
