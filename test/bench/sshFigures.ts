/** What SSH and the helper cost, measured in the simulated host against a bare echo on the same connection. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ClientChannel } from 'ssh2';
import { deliverHelper } from '../../client/hosts/helperDelivery';
import { startHelper } from '../../client/hosts/helperStart';
import { connectRoute } from '../../client/hosts/route';
import { TrustStore } from '../../client/hosts/trustStore';
import { startLab } from '../../lab/api';
import type { SetupContext } from '../../setup/context';
import { answering, noMemory } from '../harness/person';

/** A measured figure; `budget` is what design.md allows, where it allows something. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly budget?: number;
}

const ROUNDS = 300;

/** One answered line on a channel that echoes. */
function echo(channel: ClientChannel, line: string): Promise<void> {
  return new Promise((resolve) => {
    let got = 0;
    const read = (data: Buffer): void => {
      got += data.length;
      if (got <= line.length) return;
      channel.off('data', read);
      resolve();
    };
    channel.on('data', read);
    channel.write(`${line}\n`);
  });
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** Stores and lists over one open channel, in turn with an echo of as many bytes on another channel of the connection. */
export async function sshFigures(setup: SetupContext, helperFile: string): Promise<Figure[]> {
  const lab = await startLab({ setup });
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-bench-'));
  try {
    const prompts = answering();
    const route = {
      sshConfigFile: lab.sshConfigFile,
      prompts,
      trust: new TrustStore(noMemory),
      report: () => undefined,
    };
    const ssh = await connectRoute({ host: lab.alias }, route);
    const helper = await deliverHelper(ssh, helperFile, prompts, () => undefined);
    const channel = await startHelper(ssh, helper, 'root', prompts, () => undefined);
    await channel.request('bind', { address: lab.bdf });
    const { handle } = await channel.request('open', { address: lab.bdf });
    const cat = await ssh.exec('exec cat', (opened) => opened);
    const data = 'a5'.repeat(64);
    const store = { handle, region: 0, offset: '0x1000', data };
    const line = JSON.stringify({ id: 1, op: 'store', ...store });
    const stores: number[] = [];
    const hellos: number[] = [];
    const echoes: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      echoes.push(await timed(() => echo(cat, line)));
      stores.push(await timed(() => channel.request('store', store)));
      hellos.push(await timed(() => channel.request('hello', {})));
    }
    ssh.end();
    return [
      { name: 'echo of a store request, median', value: median(echoes), unit: 'ms' },
      { name: 'store of 64 bytes, median', value: median(stores), unit: 'ms' },
      {
        name: 'helper answer without a device, against the echo',
        value: median(hellos) / median(echoes),
        unit: 'x',
        budget: 1.1,
      },
      { name: 'store of 64 bytes, against the echo', value: median(stores) / median(echoes), unit: 'x' },
    ];
  } finally {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
