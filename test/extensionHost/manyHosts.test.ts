/** 64 functions on 8 hosts, each behind a real sshd, with one host beside them that hangs. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../client/extension';
import type { Host } from '../../client/hosts/host';
import { FIXTURE_HOSTS, type FixtureHosts } from '../support/fixtureHostNames';

const fixtures = JSON.parse(process.env[FIXTURE_HOSTS] ?? '{}') as FixtureHosts;

describe('64 functions on 8 hosts', () => {
  let api: ExtensionApi;
  let hung: net.Server;
  const accepted = new Set<net.Socket>();

  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('ism');
  const set = (name: string, value: unknown): Thenable<void> =>
    settings().update(name, value, vscode.ConfigurationTarget.Global);
  const named = (name: string): Host =>
    api.hosts.all.find((host) => host.name === name) ?? assert.fail(`no host ${name}`);
  const healthy = (): Host[] => fixtures.hosts.map(({ name }) => named(name));

  /** The addresses that the tree shows below each host. */
  async function shown(): Promise<Record<string, string[]>> {
    const rows = await api.tree.getChildren();
    const entries = rows.map(async (row) => {
      const functions = await api.tree.getChildren(row);
      const addresses = functions.flatMap((node) => (node.kind === 'function' ? [node.fn.address] : []));
      return [row.host.name, addresses] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }
  const everything = (): Record<string, string[]> => ({
    ...Object.fromEntries(fixtures.hosts.map(({ name, addresses }) => [name, [...addresses]])),
    hung: [],
  });
  const signal = (host: number, name: 'SIGSTOP' | 'SIGCONT'): void =>
    void process.kill(Number(readFileSync(fixtures.hosts[host]?.helperPid ?? '', 'utf8')), name);

  before(async () => {
    api = await vscode.extensions.getExtension<ExtensionApi>('ism-driver-tools.ism-driver-tools')!.activate();
    // Accepts, and never says a word.
    hung = net.createServer((socket) => {
      accepted.add(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => hung.listen(0, '127.0.0.1', resolve));
    const { port } = hung.address() as net.AddressInfo;
    await set('sshConfigFile', fixtures.sshConfigFile);
    await set('hosts', [
      { name: 'hung', destination: `root@127.0.0.1:${port}` },
      ...fixtures.hosts.map(({ name }) => ({ name, destination: name })),
    ]);
  });
  after(async () => {
    await set('hosts', undefined);
    await set('sshConfigFile', undefined);
    accepted.forEach((socket) => socket.destroy());
    hung.close();
  });

  it('connects all at once, and the one that hangs is waited for alone', async () => {
    let hanging = true;
    const lost = named('hung')
      .connect()
      .then(
        () => assert.fail('it connected'),
        () => undefined,
      )
      .finally(() => (hanging = false));
    await Promise.all(healthy().map((host) => host.connect()));
    assert.ok(hanging);
    assert.equal(named('hung').state.kind, 'connecting');
    assert.deepEqual(await shown(), everything());
    named('hung').disconnect();
    await lost;
    assert.equal(named('hung').state.kind, 'disconnected');
  });

  it('filters by any fact, and shows all again', async () => {
    api.tree.filter = 'ism 0x00000203';
    const found = everything();
    for (const name of Object.keys(found))
      found[name] = (found[name] ?? []).filter((address) => address === '0203:00:00.0');
    assert.deepEqual(await shown(), found);
    api.tree.filter = '';
    assert.deepEqual(await shown(), everything());
  });

  it('refreshes the others while the helper of one has stopped, which then answers what it was asked', async () => {
    const [stopped, ...others] = healthy();
    const [, second] = fixtures.hosts;
    assert.ok(stopped && second);
    const gone = second.addresses[3] ?? '';
    signal(0, 'SIGSTOP');
    let waiting = true;
    const refreshed = stopped.refresh().finally(() => (waiting = false));
    try {
      rmSync(path.join(second.sysfs, 'bus/pci/devices', gone), { recursive: true });
      await Promise.all(others.map((host) => host.refresh()));
      assert.ok(waiting);
      const left = everything();
      left[second.name] = second.addresses.filter((address) => address !== gone);
      assert.deepEqual(await shown(), left);
      api.tree.filter = 'ism';
      assert.deepEqual(await shown(), left);
      api.tree.filter = '';
    } finally {
      signal(0, 'SIGCONT');
    }
    await refreshed;
    assert.equal(stopped.state.kind, 'connected');
  });
});
