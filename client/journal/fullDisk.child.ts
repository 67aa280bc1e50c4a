/**
 * A journal whose disk is full while an outcome is written. The kernel's limit on the size of a file takes the place of a
 * full disk: both take a part of a write and refuse the rest. `prlimit` lifts it, as a person makes room.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { sendStore, type PlannedStore } from '../stores/sendStore';
import { StoreJournal } from './journal';

const [folder = ''] = process.argv.slice(2);
const limit = (bytes: string): void =>
  void execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);

async function main(): Promise<void> {
  const journal = new StoreJournal(path.join(folder, 'journal'));
  const store = (offset: bigint): PlannedStore =>
    ({
      ...{ host: { name: 'h', state: { kind: 'connected', target: 'root@h' }, config: {} } },
      ...{ fn: { address: '0051:00:00.0', fid: null }, handle: 0, region: 0, offset, data: Buffer.alloc(64) },
    }) as unknown as PlannedStore;
  let sent = 0;
  const send = (offset: bigint): Promise<unknown> =>
    sendStore(store(offset), journal, () => {
      sent++;
      return Promise.resolve({ count: 64, requested: 64, durationNs: 1 });
    });
  const places = async (): Promise<string[]> =>
    (await journal.records()).map(({ offset, outcome }) => `${offset} ${outcome}`);
  await send(1n);
  // Room for the note and for half of the line.
  limit(String(statSync(journal.file).size + 150));
  let full: string | undefined;
  await journal
    .begin({
      ...{ host: 'h', target: 'root@h', function: '0051:00:00.0', fid: null, region: 0 },
      ...{ offset: '0x2', length: 64, data: '00'.repeat(64) },
    })
    .then((finish) => finish({ outcome: 'ok', count: 64 }))
    .catch((error: NodeJS.ErrnoException) => (full = error.code));
  const whileFull = await places();
  sent = 0;
  const why = await send(3n).then(
    () => 'it was sent',
    (error: Error) => error.message,
  );
  const sentWhileFull = sent;
  limit('unlimited');
  await send(3n);
  const notes = readdirSync(path.join(folder, 'journal', 'pending-stores')).length;
  console.log(JSON.stringify({ full, whileFull, sentWhileFull, why, withRoom: await places(), notes }));
}

void main();
