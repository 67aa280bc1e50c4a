/** Writes stores beside other programs: `node writer.child.js JOURNAL NAME SCRIPTS STORES BYTES`. */
import { StoreJournal } from './journal';

const [folder = '', name = '', scripts, stores, bytes] = process.argv.slice(2);

async function main(): Promise<void> {
  const journal = new StoreJournal(folder);
  for (let script = 0; script < Number(scripts); script++) {
    const intents = Array.from({ length: Number(stores) }, (_, index) => ({
      ...{
        host: name,
        target: 'root@h',
        function: '0051:00:00.0',
        fid: null,
        region: 0,
        length: Number(bytes),
      },
      ...{ offset: `0x${(script * Number(stores) + index).toString(16)}`, data: 'ab'.repeat(Number(bytes)) },
    }));
    const finish = await journal.beginAll(intents);
    await finish(intents.map(() => ({ outcome: 'ok' as const })));
  }
}

void main();
