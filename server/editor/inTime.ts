/** How long a client may take to answer what the server asks, in milliseconds; one that never does must not keep it from its work. */
const patience = 3000;

/**
 * Waits for a client's answer, but not for ever.
 *
 * @throws as the answer does, and when there is none in time
 */
export async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`there was no answer for ${patience / 1000} s`)), patience);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
