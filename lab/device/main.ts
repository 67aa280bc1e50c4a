/**
 * The process that holds the ISM functions of a lab: one vfio-user socket each. All functions share it, so that they can
 * store into each other's buffers. It ends when its standard input does, that is when whoever started it is gone.
 *
 * usage: lab-device --store-log FILE NAME=SOCKET [NAME=SOCKET ...]
 */
import { openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { IsmFunction } from './ism/ismFunction';
import { serve } from './vfioUser/server';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { 'store-log': { type: 'string' } },
    allowPositionals: true,
  });
  const file = values['store-log'];
  if (!file || !positionals.length || !positionals.every((item) => /^[\w.-]+=./.test(item)))
    throw new Error('usage: lab-device --store-log FILE NAME=SOCKET [NAME=SOCKET ...]');
  const storeLog = openSync(file, 'a');
  for (const item of positionals) {
    const name = item.slice(0, item.indexOf('='));
    const socket = item.slice(name.length + 1);
    // Each line is written at once and whole, so that readers never see half of one.
    const device = new IsmFunction(name, (record) => writeSync(storeLog, `${JSON.stringify(record)}\n`));
    await serve(device, socket, (line) => console.error(`${new Date().toISOString()} ${name}: ${line}`));
  }
  console.log('ready');
}

process.stdin.resume().once('end', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
});
