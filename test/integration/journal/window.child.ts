/**
 * The store path of a window without its workbench: connects, opens a function and sends stores one after the other until it is killed.
 * `node window.child.js '{"alias":...}'`; prints `open` when the first store is about to be sent.
 */
import { Host } from '../../../client/hosts/host';
import { openSession } from '../../../client/helper/remote';
import { StoreJournal } from '../../../client/journal/journal';
import { sendStore } from '../../../client/stores/sendStore';
import { answering, noMemory } from '../../support/person';

interface Task {
  readonly alias: string;
  readonly sshConfigFile: string;
  readonly helperFile: string;
  readonly address: string;
  readonly journal: string;
  /** The offset of the first store, hex; each is 16 bytes behind the one before. */
  readonly offset: string;
  readonly stores: number;
}

const task = JSON.parse(process.argv[2] ?? '{}') as Task;

async function main(): Promise<void> {
  const { alias: destination, sshConfigFile, helperFile } = task;
  const open = () =>
    openSession({
      ...{ destination, sshConfigFile, helperFile, prompts: answering(), trust: noMemory },
      report: () => undefined,
    });
  const host = new Host({ name: 'window', destination }, open);
  const journal = new StoreJournal(task.journal);
  await journal.recover();
  await host.connect();
  // The helper of the program before holds the device until it has seen its end.
  let device;
  for (let tries = 0; !device; tries++)
    device = await host.open(task.address).catch(async (error: unknown) => {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return undefined;
    });
  console.log('open');
  const fn = host.find(task.address);
  for (let n = 0; n < task.stores; n++) {
    const offset = BigInt(task.offset) + BigInt(n * 16);
    const data = new Uint8Array(16).fill(n & 255);
    await sendStore({ host, fn, handle: device.handle, region: 0, offset, data }, journal);
  }
  host.disconnect();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
