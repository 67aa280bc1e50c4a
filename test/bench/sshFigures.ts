/** What SSH and the helper cost, measured against a bare echo on the same connection. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { ClientChannel } from 'ssh2';
import { HelperChannel } from '../../client/helper/helperChannel';
import { deliverHelper } from '../../client/helper/helperDelivery';
import { startHelper } from '../../client/helper/helperStart';
import { connectRoute } from '../../client/ssh/route';
import { openConnection } from '../../client/ssh/openConnection';
import type { SshConnection } from '../../client/ssh/sshConnection';
import { TrustStore } from '../../client/ssh/trustStore';
import { buildHelper, buildHelperProbe, buildNativeHelper } from '../../helper/build';
import { FixtureTree } from '../../helper/test/fixtureTree';
import { startLab } from '../../lab/machine/api';
import type { SetupContext } from '../../setup/context';
import { ensureHostTool } from '../../setup/hostTools';
import { answering, noMemory } from '../support/person';
import { makeKey, startSshd } from '../support/openSsh';
import { median, rounded, type Figure } from './figure';

const ROUNDS = 300;
/** Of the file that stands for a device, in bytes. */
const LONGEST_STORE = 4096;

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

/** A helper on an open channel, and an echo on another channel of the same connection, in turn. */
async function inTurn(
  ssh: SshConnection,
  requests: Readonly<Record<string, () => Promise<unknown>>>,
  line: string,
): Promise<Record<string, number>> {
  const cat = await ssh.exec('exec cat', (opened) => opened);
  const times: Record<string, number[]> = { echo: [] };
  for (let i = 0; i < ROUNDS; i++) {
    times['echo']?.push(await timed(() => echo(cat, line)));
    for (const [name, request] of Object.entries(requests)) (times[name] ??= []).push(await timed(request));
  }
  cat.close();
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
}

const against = (value = NaN, base = NaN): number => rounded(value / base);

/** A store in the simulated host, whose processor and device are emulated. */
async function storeFigures(setup: SetupContext, root: string): Promise<Figure[]> {
  const helperFile = await buildHelper(setup, root);
  const lab = await startLab({ setup });
  try {
    const prompts = answering();
    const trust = new TrustStore(noMemory);
    const route = { sshConfigFile: lab.sshConfigFile, prompts, trust, report: () => undefined };
    const ssh = await connectRoute({ host: lab.alias }, route);
    const helper = await deliverHelper(ssh, helperFile, prompts, () => undefined);
    const channel = await startHelper(ssh, helper, 'root', prompts, () => undefined);
    await channel.request('bind', { address: lab.bdf });
    const { handle } = await channel.request('open', { address: lab.bdf });
    const store = { handle, region: 0, offset: '0x1000', data: 'a5'.repeat(64) };
    const line = JSON.stringify({ id: 1, op: 'store', ...store });
    const devices: number[] = [];
    const requests = {
      store: async () => {
        const { durationNs } = await channel.request('store', store);
        devices.push(durationNs / 1e6);
      },
      hello: () => channel.request('hello', {}),
    };
    const ms = await inTurn(ssh, requests, line);
    ssh.end();
    return [
      { name: 'simulated host: echo of a store request, median', value: against(ms['echo'], 1), unit: 'ms' },
      { name: 'simulated host: store of 64 bytes, median', value: against(ms['store'], 1), unit: 'ms' },
      { name: 'simulated host: of it the pwrite, median', value: median(devices), unit: 'ms' },
      // The emulated device is slow; a function in hardware takes a microsecond. What is left is ours.
      {
        name: 'simulated host: store without its pwrite, against a bare answer on the same channel',
        value: ((ms['store'] ?? NaN) - median(devices)) / (ms['hello'] ?? NaN),
        unit: 'x',
        budget: 1.1,
      },
    ];
  } finally {
    await lab.stop();
  }
}

/**
 * The helper's own cost, on a processor that is not emulated: a real sshd on this machine, the helper built for it, and a
 * tree of 64 functions.
 */
async function helperFigures(setup: SetupContext, root: string): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-bench-'));
  const tree = new FixtureTree(
    Array.from({ length: 64 }, (_, i) => ({
      address: `${(0x51 + i).toString(16).padStart(4, '0')}:00:00.0`,
    })),
  );
  process.env['ISM_OPENSSH'] ??= JSON.stringify({
    ssh: await ensureHostTool(setup, 'ssh'),
    sshd: await ensureHostTool(setup, 'sshd'),
  });
  const login = makeKey(folder, 'login');
  const server = await startSshd(folder, [login]);
  try {
    const helper = await buildNativeHelper(setup, root, 'plain');
    const probe = await buildHelperProbe(setup, root, 'burstProbe', 'plain');
    const known = path.join(folder, 'known_hosts');
    writeFileSync(known, `[127.0.0.1]:${server.port} ${server.hostKeys[0]?.line}\n`);
    const ssh = await openConnection(
      {
        ...{ hostName: '127.0.0.1', port: server.port, user: userInfo().username, jumps: [] },
        ...{
          identityFiles: [login.file],
          identitiesOnly: true,
          identityAgent: 'none',
          hostKeyAlias: undefined,
          revokedHostKeysFiles: [],
          knownHostsCommand: undefined,
        },
        ...{ knownHostsFiles: [known], strictHostKeyChecking: 'yes' as const },
        ...{ connectTimeoutSeconds: 15, keepaliveSeconds: 15, keepaliveCount: 3 },
      },
      { prompts: answering(), trust: new TrustStore(noMemory), report: () => undefined, route: [] },
    );
    const libraries = helper.env['LD_LIBRARY_PATH']
      ? `LD_LIBRARY_PATH=${helper.env['LD_LIBRARY_PATH']} `
      : '';
    const start = (program: string): Promise<HelperChannel> =>
      ssh.exec(`${libraries}exec ${program}`, (stream) => new HelperChannel(stream, () => undefined));
    const channel = await start(`${helper.path} --sysfs-root ${tree.sysfs} --dev-root ${tree.dev}`);
    // A store of 64 bytes with all that belongs to it, into a file instead of the device that this machine has not.
    const file = path.join(folder, 'device');
    writeFileSync(file, '');
    const toFile = await start(`${probe.path} ${file} ${LONGEST_STORE}`);
    const store = { handle: 0, region: 0, offset: '0x1000', data: 'a5'.repeat(64) };
    const line = JSON.stringify({ id: 1, op: 'store', ...store });
    const writes: number[] = [];
    const sent = async (): Promise<void> => {
      const { durationNs } = await toFile.request('store', store);
      writes.push(durationNs / 1e6);
    };
    const ms = await inTurn(ssh, { store: sent }, line);
    // Apart from the others: after its thousand small files neither side's caches are what they were.
    const { list } = await inTurn(ssh, { list: () => channel.request('list', {}) }, line);
    ssh.end();
    return [
      { name: 'this machine: echo of a line, median', value: against(ms['echo'], 1), unit: 'ms' },
      {
        name: 'helper: a store and its answer without its pwrite, against the echo',
        value: against((ms['store'] ?? NaN) - median(writes), ms['echo']),
        unit: 'x',
        budget: 1.1,
      },
      { name: 'list of 64 functions (one request), median', value: against(list, 1), unit: 'ms' },
    ];
  } finally {
    await server.stop();
    tree.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function sshFigures(setup: SetupContext, root: string): Promise<Figure[]> {
  return [...(await helperFigures(setup, root)), ...(await storeFigures(setup, root))];
}
