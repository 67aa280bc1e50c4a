/** Measures inside the extension host: activation, then 64 functions on 8 hosts from their answers to their rows on screen. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import net from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import type * as Extension from '../../client/extension';
import { FIXTURE_HOSTS, type FixtureHosts } from '../support/fixtureHostNames';
import { median, type Figure } from './figure';

const ROUNDS = 5;

/** Where the workbench writes what it shows, a line for each change: milliseconds, number of functions. */
const rowsFile = process.env['ISM_ROWS_FILE'] ?? '';

/** When the workbench first showed so many functions after a moment, in milliseconds since then. */
async function shown(count: number, since: number): Promise<number> {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const lines = existsSync(rowsFile) ? readFileSync(rowsFile, 'utf8').trim().split('\n') : [];
    const rows = lines.map((line) => line.split(' ').map(Number));
    const at = rows.find(([time, functions]) => (time ?? 0) >= since && functions === count)?.[0];
    if (at !== undefined) return at - since;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the workbench did not show ${count} functions: ${readFileSync(rowsFile, 'utf8')}`);
}

interface Activation {
  loading: number;
  call: number;
  /** How long of both the extension host had to wait for a processor, which tells of the machine, not of the extension. */
  waiting: number;
}

/** Milliseconds that this process's main thread was ready to run and others ran; 0 where the kernel does not say. */
function waited(): number {
  const file = '/proc/self/schedstat';
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6 : 0;
}

/** Times what VS Code calls activation: loading the extension's code, and its activate(). */
function watchActivation(): Activation {
  const times: Activation = { loading: NaN, call: NaN, waiting: 0 };
  const loader = Module as unknown as { _load: (this: void, request: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => {
    if (!request.endsWith('/dist/client/extension.js')) return load(request, ...rest);
    const before = waited();
    const start = performance.now();
    const code = load(request, ...rest) as typeof Extension;
    times.loading = performance.now() - start;
    times.waiting = waited() - before;
    loader._load = load;
    const activate = (context: vscode.ExtensionContext): Extension.ExtensionApi => {
      const ready = waited();
      const called = performance.now();
      const api = code.activate(context);
      times.call = performance.now() - called;
      times.waiting += waited() - ready;
      return api;
    };
    return { ...code, activate };
  };
  return times;
}

async function measure(fixtures: FixtureHosts): Promise<Figure[]> {
  const extension = vscode.extensions.getExtension<Extension.ExtensionApi>(
    'ism-driver-tools.ism-driver-tools',
  );
  if (!extension || extension.isActive) throw new Error('the extension is not there, or active already');
  const activation = watchActivation();
  const api = await extension.activate();
  const activated: Figure = {
    name: 'activation: loading the code, then activate()',
    value: activation.loading + activation.call,
    unit: 'ms',
    budget: 50,
    note: `of it ${activation.loading.toFixed(1)} ms for the code, and ${activation.waiting.toFixed(1)} ms without a processor`,
  };
  if (process.env['ISM_ACTIVATION_ALONE']) return [activated];

  // Accepts and never answers; stays so all the time.
  const hung = net.createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => hung.listen(0, '127.0.0.1', resolve));
  const settings = vscode.workspace.getConfiguration('ism');
  const set = (name: string, value: unknown): Thenable<void> =>
    settings.update(name, value, vscode.ConfigurationTarget.Global);
  await set('sshConfigFile', fixtures.sshConfigFile);
  const destination = `root@127.0.0.1:${(hung.address() as net.AddressInfo).port}`;
  await set('hosts', [
    { name: 'hung', destination },
    ...fixtures.hosts.map(({ name }) => ({ name, destination: name })),
  ]);
  await vscode.commands.executeCommand('ism.devices.focus');
  const hosts = api.hosts.all.filter(({ name }) => name !== 'hung');
  const answers = new Map<string, number>();
  const listening = api.hosts.onDidChange((host) => {
    if (host?.state.kind === 'connected' && !answers.has(host.name)) answers.set(host.name, Date.now());
  });
  for (const host of api.hosts.all)
    void vscode.commands.executeCommand('ism.connect', { kind: 'host', host });
  while (answers.size < hosts.length) await new Promise((resolve) => setTimeout(resolve, 5));
  listening.dispose();
  const last = Math.max(...answers.values());
  const tree = await shown(64, last);

  const filter: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [text, count] of [
      ['0x00000203', 1],
      ['', 64],
    ] as const) {
      const from = Date.now();
      api.tree.filter = text;
      filter.push(await shown(count, from));
    }
  }
  // A function goes without a word of the kernel, so that only the refresh can tell.
  const refresh: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const host = fixtures.hosts[round];
    rmSync(path.join(host?.sysfs ?? '', 'bus/pci/devices', host?.addresses[0] ?? ''), { recursive: true });
    const from = Date.now();
    void vscode.commands.executeCommand('ism.refresh');
    refresh.push(await shown(63 - round, from));
  }
  hung.close();
  // ExtHostTreeView collects what changed for so long before it tells the workbench.
  const note = 'of it 200 ms in which VS Code waits for more changes';
  return [
    activated,
    {
      name: '64 functions on 8 hosts, one more hangs: from the last answer to all rows on screen',
      value: tree,
      unit: 'ms',
      budget: 1000,
    },
    {
      name: 'filter 64 functions, to the screen, median',
      value: median(filter),
      unit: 'ms',
      budget: 350,
      note,
    },
    { name: 'refresh 8 hosts, to the screen, median', value: median(refresh), unit: 'ms', budget: 350, note },
  ];
}

/** The entry that VS Code calls inside the extension host (extensionTestsPath). */
export async function run(): Promise<void> {
  const figures = await measure(JSON.parse(process.env[FIXTURE_HOSTS] ?? '{}') as FixtureHosts);
  writeFileSync(process.env['ISM_FIGURES_FILE'] ?? '', JSON.stringify(figures));
}
