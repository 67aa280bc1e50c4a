/**
 * The link is cut at 50 points between sending a store and its answer, by a proxy that counts bytes. Whatever the point:
 * the device never sees a store twice, and the journal never says "ok" for one that the device did not see.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DriverSwitch } from '../../client/hosts/driverSwitch';
import { Host } from '../../client/hosts/host';
import { openSession } from '../../client/helper/remote';
import { StoreJournal } from '../../client/journal/journal';
import { sendStore } from '../../client/stores/sendStore';
import { startLab, type Lab } from '../../lab/machine/api';
import { CuttingProxy } from '../support/cuttingProxy';
import { forgetful } from '../support/formers';
import { answering, noMemory } from '../support/person';

const helperFile =
  process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');
const POINTS = 50;

describe('a link that is cut while a store is on its way', () => {
  let lab: Lab;
  let proxy: CuttingProxy;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-cut-'));
    lab = await startLab();
    proxy = new CuttingProxy(lab.port);
    await proxy.listen();
  });
  after(async () => {
    proxy?.close();
    await lab?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function makeHost(): Host {
    const known = path.join(folder, 'known_hosts');
    writeFileSync(
      known,
      readFileSync(lab.knownHostsFile, 'utf8').replaceAll(`:${lab.port}`, `:${proxy.port}`),
    );
    const config = path.join(folder, 'config');
    writeFileSync(
      config,
      `Host h\n HostName 127.0.0.1\n Port ${proxy.port}\n User root\n IdentityFile ${lab.identityFile}\n IdentitiesOnly yes\n UserKnownHostsFile ${known}\n StrictHostKeyChecking yes\n`,
    );
    const open = () =>
      openSession({
        destination: 'h',
        sshConfigFile: config,
        helperFile,
        prompts: answering(),
        trust: noMemory,
        report: () => undefined,
      });
    return new Host({ name: 'h', destination: 'h' }, open);
  }

  it(`at ${POINTS} points: never twice, never "ok" for what did not arrive`, async () => {
    const journal = new StoreJournal(path.join(folder, 'journal'));
    const host = makeHost();
    const drivers = new DriverSwitch(host, forgetful);
    const outcomes: Record<string, number> = {};
    for (let point = 0; point < POINTS; point++) {
      await host.connect();
      await drivers.bind(lab.bdf);
      // The helper of the link before may hold the device for a moment until it sees its end.
      const device = await retry(() => host.open(lab.bdf));
      const half = POINTS / 2;
      // A store of 16 bytes is about 150 bytes on its way there, its answer about 100 on the way back.
      proxy.arm(point < half ? 'up' : 'down', (point % half) * (point < half ? 6 : 4));
      const store = {
        host,
        fn: host.find(lab.bdf),
        handle: device.handle,
        region: 0,
        offset: BigInt(point) << 12n,
        data: new Uint8Array(16).fill(point + 1),
      };
      const sent = sendStore(store, journal);
      // A budget that this store did not use up cuts nothing: the link goes when the answer is there.
      const { record } = await sent;
      outcomes[record.outcome] = (outcomes[record.outcome] ?? 0) + 1;
      proxy.disarm();
      proxy.cut();
      host.disconnect();
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    const seen = lab.readStores();
    const records = await journal.records();
    assert.equal(records.length, POINTS);
    for (const record of records) {
      const arrived = seen.filter((store) => store.offset === record.offset);
      assert.ok(arrived.length <= 1, `${record.offset} arrived ${arrived.length} times`);
      if (record.outcome === 'ok')
        assert.equal(arrived.length, 1, `${record.offset} is called ok and did not arrive`);
      else if (record.outcome === 'refused') {
        // What followed the bind had used up the budget, so the link was gone before the store: that is known, too.
        assert.match(record.error ?? '', /nothing was sent|is not connected/);
        assert.equal(arrived.length, 0, `${record.offset} is called refused and arrived`);
      } else assert.equal(record.outcome, 'unknown');
      if (arrived[0]) assert.equal(arrived[0].bytes, record.data);
    }
    console.log(`      outcomes: ${JSON.stringify(outcomes)}, arrived: ${seen.length}`);
    // Points of both kinds must have been hit, or the test proves nothing.
    assert.ok((outcomes['unknown'] ?? 0) > 10);
    assert.ok(seen.length > 0 && seen.length < POINTS);
  });
});

async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 40) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
