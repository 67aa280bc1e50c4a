/**
 * The time that the work on one file may take. What a rule asks of another file is charged to that file, so
 * that a file which takes too long is left out and takes nothing from those beside it.
 */

/** How much time the work on one file may take, in milliseconds of the processor; the largest driver of the kernel takes a fifth. */
export const fileBudget = 1200;

/** Thrown in the middle of the work on a file when that has to end. */
export class OverBudget extends Error {
  /**
   * @param path the file
   * @param limit what it has too much of
   */
  constructor(
    readonly path: string,
    readonly limit: 'time' | 'depth',
  ) {
    super(`${path} is over its budget.`);
  }
}

/** One sentence about a file that is left out. */
export const overBudgetReason = (limit: OverBudget['limit']): string =>
  limit === 'time'
    ? `It is skipped: checking it takes longer than ${fileBudget / 1000} s.`
    : 'It is skipped: it nests too deeply.';

/** By file, in milliseconds of the processor: time in which a busy machine works on something else is nobody's fault. */
const spent = new Map<string, number>();
const running: string[] = [];
let since = 0;

const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Books what has passed to the file that is being worked on. */
function book(): void {
  const now = processorTime();
  const path = running.at(-1);
  if (path !== undefined) spent.set(path, (spent.get(path) ?? 0) + now - since);
  since = now;
}

/** Begins a run: no file has used anything yet. */
export function openAccounts(): void {
  spent.clear();
  running.length = 0;
  since = processorTime();
}

/** The file that is being worked on, also after the work was cut off. */
export const workedOn = (): string | undefined => running.at(-1);

/** What the work on each file has taken so far, in milliseconds. */
export const accounts = (): ReadonlyMap<string, number> => spent;

/** Ends the work on a file that has used up its time. @throws OverBudget */
function check(path: string): void {
  if ((spent.get(path) ?? 0) > fileBudget) throw new OverBudget(path, 'time');
}

/** Charges work to a file. Its budget is checked when the file itself is worked on. */
export function bookTo<T>(path: string, work: () => T): T {
  const depth = running.length;
  book();
  running.push(path);
  try {
    return work();
  } finally {
    book();
    running.length = depth;
  }
}

/**
 * Works on a file at its cost.
 * @throws OverBudget when it has used up its time, or nests deeper than the stack reaches
 */
export function charge<T>(path: string, work: () => T): T {
  const depth = running.length;
  book();
  // Most work that a file asks for is on itself.
  if (running[depth - 1] !== path) running.push(path);
  try {
    check(path);
    return work();
  } catch (error) {
    if (error instanceof RangeError && /call stack/.test(error.message)) throw new OverBudget(path, 'depth');
    throw error;
  } finally {
    if (running.length > depth) {
      book();
      running.length = depth;
    }
  }
}
