/**
 * The process that holds the ISM functions of a lab: one vfio-user socket each, and the Ethernet segment of its guests. All
 * functions share it, so that they can store into each other's buffers. It takes requests (requests.ts) on its standard
 * input, and ends when that does, that is when whoever started it is gone.
 *
 * usage: lab-device --store-log FILE [--lan SOCKET] NAME=SOCKET [NAME=SOCKET ...]
 */
import { openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { serveLan } from './lan/switch';
import { Rack } from './rack';
import type { DeviceReply, DeviceRequest, Numbered } from './requests';

const log = (line: string): void => console.error(`${new Date().toISOString()} ${line}`);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { 'store-log': { type: 'string' }, lan: { type: 'string' } },
    allowPositionals: true,
  });
  const file = values['store-log'];
  if (!file || !positionals.length || !positionals.every((item) => /^[\w.-]+=./.test(item)))
    throw new Error('usage: lab-device --store-log FILE [--lan SOCKET] NAME=SOCKET [NAME=SOCKET ...]');
  const storeLog = openSync(file, 'a');
  // Each line is written at once and whole, so that readers never see half of one.
  const rack = new Rack((record) => writeSync(storeLog, `${JSON.stringify(record)}\n`), log);
  for (const item of positionals) {
    const name = item.slice(0, item.indexOf('='));
    await rack.handle({ op: 'add', name, socket: item.slice(name.length + 1) });
  }
  if (values.lan) await serveLan(values.lan, log);
  answerRequests(rack);
  console.log('ready');
}

function answerRequests(rack: Rack): void {
  const reply = (id: number, body: DeviceReply): void => console.log(JSON.stringify({ id, body }));
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const { id, body } = JSON.parse(line) as Numbered<DeviceRequest>;
      rack.handle(body).then(
        (result) => reply(id, { result }),
        (error: unknown) => reply(id, { error: error instanceof Error ? error.message : String(error) }),
      );
    })
    .once('close', () => process.exit(0));
}

process.on('SIGTERM', () => process.exit(0));
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
});
