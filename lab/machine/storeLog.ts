import { readFileSync } from 'node:fs';
import { parseStoreLog, type StoreRecord } from '../device/stores/storeRecord';

/** All stores of a log until now. */
export function readStores(file: string): StoreRecord[] {
  return parseStoreLog(readFileSync(file, 'utf8'));
}

/** Resolves with the first store after the first `from` ones that fulfils a condition; rejects after some seconds. */
export async function waitForStore(
  file: string,
  condition: (store: StoreRecord) => boolean,
  from = 0,
  seconds = 10,
): Promise<StoreRecord> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const stores = readStores(file);
    const found = stores.slice(from).find(condition);
    if (found) return found;
    if (Date.now() > end)
      throw new Error(
        `No store in ${file} fits; ${stores.length - from} came: ${JSON.stringify(stores.slice(from))}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
