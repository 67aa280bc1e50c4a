/**
 * A program that sends stores to a device that is a file, and is killed at the N-th thing that it does to the journal's
 * files: `node victim.child.js FOLDER store|burst|script ROUNDS`. ISM_KILL_AT counts from 1; ISM_KILL_WHEN is `before` or `half` (of the
 * bytes of a write). Without ISM_KILL_AT it runs to its end and prints the names of these things as JSON.
 */
import fsPromises from 'node:fs/promises';
import { writeSync, openSync } from 'node:fs';
import path from 'node:path';
import type { BurstResult, ScriptResult } from '../../protocol/runOperations';
import { check } from '../../storescript/checker';
import { sendBurst, type PlannedBurst } from '../bursts/sendBurst';
import { runTest, type ScriptTarget } from '../storeScripts/runTest';
import { sendStore, type PlannedStore } from '../stores/sendStore';
import { StoreJournal } from './journal';

const [folder = '', kind = 'store', rounds = '1'] = process.argv.slice(2);
const killAt = Number(process.env['ISM_KILL_AT'] ?? 0);
const when = process.env['ISM_KILL_WHEN'] ?? 'before';
const steps: string[] = [];

type Call = (...args: unknown[]) => Promise<unknown>;

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

/** The call, with death at its turn. */
const deadly = (name: string, call: Call): Call =>
  async function (this: unknown, ...args) {
    steps.push(name);
    if (steps.length !== killAt) return call.apply(this, args);
    const [bytes] = args;
    if (when === 'half' && (Buffer.isBuffer(bytes) || typeof bytes === 'string')) {
      const half = bytes.slice(0, Math.ceil(bytes.length / 2));
      await call.apply(this, Buffer.isBuffer(half) ? [half, 0, half.length, null] : [half]);
    }
    return die();
  };

async function arm(): Promise<void> {
  const handle = await fsPromises.open(__filename);
  const prototype = Object.getPrototypeOf(handle) as Record<string, Call>;
  await handle.close();
  for (const name of ['write', 'writeFile', 'sync']) prototype[name] = deadly(name, prototype[name] as Call);
  const functions = fsPromises as unknown as Record<string, Call>;
  for (const name of ['open', 'rename', 'unlink', 'mkdir'])
    functions[name] = deadly(name, functions[name] as Call);
}

const fn = { address: '0051:00:00.0', fid: '0x61' };
const place = { hostName: 'h', target: 'root@h', handle: 0 };

async function send(journal: StoreJournal, device: number, round: number): Promise<void> {
  const seen = (offset: string): void => void writeSync(device, offset + '\n');
  const offset = BigInt(round) * 0x10000n;
  if (kind === 'store') {
    const host = { name: 'h', state: { kind: 'connected', target: 'root@h' }, config: {} };
    const store = {
      host,
      fn,
      handle: 0,
      region: 0,
      offset,
      data: Buffer.alloc(64),
    } as unknown as PlannedStore;
    await sendStore(store, journal, (params) => {
      seen(params.offset);
      return Promise.resolve({ count: 64, requested: 64, durationNs: 1 });
    });
  } else if (kind === 'burst') {
    const result = { ended: 'count', sent: 3, failed: 0, durationNs: 3, firstError: null } as BurstResult;
    const burst = {
      ...{ ...place, function: fn.address, fid: fn.fid, region: 0, offset, step: 8n, count: 3 },
      data: Buffer.alloc(8),
      request: (_op: string, params: { offset: string }, sent: (id: number) => void) => {
        sent(1);
        seen(params.offset);
        return Promise.resolve(result);
      },
    } as unknown as PlannedBurst;
    await sendBurst(burst, journal);
  } else {
    const offsets = Array.from({ length: 4 }, (_, index) => `0x${(offset + BigInt(index * 8)).toString(16)}`);
    const script = check(
      `device 0051:00:00.0\n${offsets.map((each) => `store bar0 ${each} hex 00`).join('\n')}\n`,
    );
    const [test] = script.tests;
    if (!test) throw new Error('the script has no test');
    const done = {
      ended: 'done',
      sent: 4,
      failed: 0,
      durationNs: 4,
      at: null,
      failure: null,
    } as ScriptResult;
    const target = {
      ...{ ...place, fn },
      request: (op: string, _params: unknown, sent?: (id: number) => void) => {
        sent?.(1);
        if (op === 'script-run') offsets.forEach(seen);
        return Promise.resolve(op === 'script-run' ? done : { loaded: 4 });
      },
    } as unknown as ScriptTarget;
    await runTest(target, 'a.ism', test, journal);
  }
}

async function main(): Promise<void> {
  const device = openSync(path.join(folder, 'device'), 'a');
  const journal = new StoreJournal(path.join(folder, 'journal'));
  await arm();
  for (let round = 1; round <= Number(rounds); round++) await send(journal, device, round);
  console.log(JSON.stringify(steps));
}

void main();
