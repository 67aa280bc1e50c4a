/** The client's session against the simulated host: host keys, authentication, helper, binding, stores, a lost link. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DriverSwitch } from '../../client/hosts/driverSwitch';
import { Host } from '../../client/hosts/host';
import { HelperError } from '../../client/base/helperErrors';
import type { HostKeyQuestion } from '../../client/ssh/hostKeyCheck';
import type { Prompts } from '../../client/ssh/prompts';
import { openSession, type RemoteSession } from '../../client/helper/remote';
import { StoreJournal } from '../../client/journal/journal';
import { sendStore } from '../../client/stores/sendStore';
import { startLab, type Lab } from '../../lab/machine/api';
import { remembering } from '../support/formers';
import { memento } from '../support/person';
import { readablePair } from '../support/openSsh';

const helperFile =
  process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');

/** Answers as a person would who says yes, and notes what was asked. */
function answering(yes: boolean): Prompts & { asked: string[]; keys: HostKeyQuestion[] } {
  const asked: string[] = [];
  const keys: HostKeyQuestion[] = [];
  return {
    asked,
    keys,
    acceptHostKey: (question) => {
      asked.push('host key');
      keys.push(question);
      return Promise.resolve(yes);
    },
    passphrase: () => Promise.resolve(void asked.push('passphrase')).then(() => undefined),
    secret: () => Promise.resolve(void asked.push('secret')).then(() => undefined),
    uploadHelper: () => {
      asked.push('upload');
      return Promise.resolve(yes);
    },
  };
}

describe('a session with the simulated host', function () {
  let lab: Lab;
  let folder: string;
  const sessions: RemoteSession[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-session-'));
    lab = await startLab();
  });
  after(async () => {
    sessions.forEach((session) => session.dispose());
    await lab?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The lab's ssh_config with some lines put first, where they win. */
  function configWith(...lines: string[]): string {
    const file = path.join(folder, `config-${Math.random().toString(36).slice(2)}`);
    writeFileSync(
      file,
      `Host ${lab.alias}\n${lines.map((line) => `  ${line}\n`).join('')}\n${readFileSync(lab.sshConfigFile, 'utf8')}`,
    );
    return file;
  }

  function open(prompts: Prompts, sshConfigFile = lab.sshConfigFile, trust = memento(), helper = helperFile) {
    return openSession({
      destination: lab.alias,
      sshConfigFile,
      helperFile: helper,
      prompts,
      trust,
      report: () => undefined,
    }).then((session) => {
      sessions.push(session);
      return session;
    });
  }

  function hostWith(prompts: Prompts): Host {
    return new Host({ name: 'lab', destination: lab.alias }, () => open(prompts));
  }

  const formers = new WeakMap<Host, DriverSwitch>();
  function driversOf(host: Host): DriverSwitch {
    const drivers = formers.get(host) ?? new DriverSwitch(host, remembering());
    formers.set(host, drivers);
    return drivers;
  }

  it('refuses to install the helper when the person says no, and leaves nothing behind', async () => {
    await assert.rejects(open(answering(false)), /Without its helper on root@127\.0\.0\.1/);
    const yes = answering(true);
    await open(yes);
    assert.deepEqual(yes.asked, ['upload']);
  });

  it('does not ask again once the helper is there', async () => {
    const prompts = answering(true);
    const { hello } = await open(prompts);
    assert.deepEqual(prompts.asked, []);
    assert.equal(hello.machine, 's390x');
    assert.equal(hello.uid, 0);
    // Debian's kernel has no character devices for vfio.
    assert.deepEqual(hello.vfio, { cdev: lab.kernel !== 'debian', group: true });
  });

  it('asks about an unknown host key with its fingerprint, and remembers the answer', async () => {
    const config = configWith(
      'UserKnownHostsFile /dev/null',
      'GlobalKnownHostsFile /dev/null',
      'StrictHostKeyChecking ask',
    );
    const trust = memento();
    const no = answering(false);
    await assert.rejects(open(no, config, trust), /was not accepted, so nothing was sent/);
    assert.match(no.keys[0]?.fingerprint ?? '', /^SHA256:[A-Za-z0-9+/]{43}$/);
    await open(answering(true), config, trust);
    const again = answering(false);
    await open(again, config, trust);
    assert.deepEqual(again.asked, []);
  });

  it('refuses a changed host key with both fingerprints and without asking', async () => {
    const wrong = readablePair().public.trim();
    const knownHosts = path.join(folder, 'changed');
    writeFileSync(knownHosts, `[127.0.0.1]:${lab.port} ${wrong}\n`);
    const prompts = answering(true);
    const config = configWith(`UserKnownHostsFile ${knownHosts}`, 'HostKeyAlias none');
    writeFileSync(knownHosts, `[127.0.0.1]:${lab.port},none ${wrong}\n`);
    await assert.rejects(open(prompts, config), (error: Error) => {
      assert.match(error.message, /has changed/);
      assert.equal(error.message.match(/SHA256:/g)?.length, 2);
      return true;
    });
    assert.deepEqual(prompts.asked, []);
  });

  it('refuses to connect when known_hosts cannot be understood, and names the line', async () => {
    const broken = path.join(folder, 'broken');
    writeFileSync(broken, '# fine\nhost ssh-ed25519 not-base64\n');
    await assert.rejects(
      open(answering(true), configWith(`UserKnownHostsFile ${broken}`)),
      /broken, line 2, is not a valid/,
    );
  });

  it('says that no key was accepted when the key is wrong', async () => {
    const other = path.join(folder, 'other_key');
    writeFileSync(other, readablePair().private, { mode: 0o600 });
    // The lab's own IdentityFile would be tried as well, so this configuration stands alone.
    const config = path.join(folder, 'wrong-key');
    writeFileSync(
      config,
      `Host ${lab.alias}\n HostName 127.0.0.1\n Port ${lab.port}\n User root\n IdentityFile ${other}\n IdentitiesOnly yes\n UserKnownHostsFile ${lab.knownHostsFile}\n`,
    );
    await assert.rejects(open(answering(true), config), /did not accept any key or password for user 'root'/);
  });

  it('says that nothing listens, that a name is unknown, that an alias is bad', async () => {
    const refused = {
      ...{ prompts: answering(true), trust: memento(), helperFile, report: () => undefined },
    };
    await assert.rejects(
      openSession({ ...refused, destination: 'root@127.0.0.1:9' }),
      /port 9, refuses connections/,
    );
    await assert.rejects(openSession({ ...refused, destination: 'no-such-host.invalid' }), /cannot be found/);
    await assert.rejects(openSession({ ...refused, destination: 'a b' }), /does not name a host/);
  });

  it('says that the helper of the installation is missing or damaged', async () => {
    await assert.rejects(
      open(answering(true), lab.sshConfigFile, memento(), path.join(folder, 'none')),
      /helper program is missing/,
    );
    const damaged = path.join(folder, 'damaged');
    writeFileSync(damaged, 'half of it');
    writeFileSync(`${damaged}.sha256`, `${'0'.repeat(64)}  damaged\n`);
    await assert.rejects(
      open(answering(true), lab.sshConfigFile, memento(), damaged),
      /is damaged; install the extension/,
    );
  });

  it('binds, answers every region, stores once, reads, and restores', async () => {
    const host = hostWith(answering(true));
    const journal = new StoreJournal(path.join(folder, 'journal'));
    await host.connect();
    const [fn] = host.functions;
    assert.ok(fn);
    assert.equal(fn.address, lab.bdf);
    assert.equal(fn.driver, null);
    await assert.rejects(host.open(fn.address), /bind it to ism_vfio_pci first/);

    const bound = await driversOf(host).bind(fn.address);
    assert.deepEqual(bound.former, { driver: null, driverOverride: null });
    assert.deepEqual(bound.steps, ['driver_override = ism_vfio_pci', 'drivers_probe']);
    assert.equal(host.find(fn.address).vfio.state, 'ready');

    const device = await host.open(fn.address);
    assert.equal(device.api, lab.kernel === 'debian' ? 'group' : 'cdev');
    assert.equal(device.numRegions, 9);
    const refused = device.regions.flatMap((region) =>
      'error' in region ? [`${region.index} ${region.error}`] : [],
    );
    assert.deepEqual(refused, ['6 EINVAL', '8 EINVAL', '9 EINVAL', '10 EINVAL']);
    const [bar0] = device.regions;
    assert.ok(bar0 && 'size' in bar0);
    assert.equal(BigInt(bar0.size), 1n << 48n);
    assert.equal(host.find(fn.address).vfio.state, 'open');

    const before = lab.readStores().length;
    const data = Uint8Array.from({ length: 64 }, (_, i) => 255 - i);
    const store = { host, fn, handle: device.handle, region: 0, offset: 0x123456789000n, data };
    const { record } = await sendStore(store, journal);
    assert.equal(record.outcome, 'ok');
    await lab.waitForStore((seen) => seen.length === 64, before);
    const seen = lab.readStores().slice(before);
    assert.equal(seen.length, 1);
    assert.equal(seen[0]?.offset, '0x123456789000');
    assert.equal(seen[0].bytes, Buffer.from(data).toString('hex'));

    const crossing = await sendStore({ ...store, offset: 0xff8n }, journal);
    assert.equal(crossing.record.outcome, 'refused');
    assert.match(crossing.sentence, /cross a 4 KiB boundary/);
    // ISM takes lengths and offsets that the architecture refuses of others, and so does the lab.
    const odd = await sendStore({ ...store, offset: 0x123456789003n, data: data.subarray(0, 11) }, journal);
    assert.equal(odd.record.outcome, 'ok');
    await lab.waitForStore((each) => each.length === 11, before);
    // The kernel's answer is what the user must see.
    await lab.ask({
      op: 'fault',
      name: lab.functions[0]?.name ?? '',
      fault: { kind: 'eio', count: 1, milliseconds: 0 },
    });
    const failed = await sendStore(store, journal);
    assert.equal(failed.record.outcome, 'failed');
    assert.match(failed.sentence, /EIO/);
    const arrived = lab.readStores().slice(before);
    assert.deepEqual(
      arrived.map(({ offset, length }) => [offset, length]),
      [
        ['0x123456789000', 64],
        ['0x123456789003', 11],
        ['0x123456789000', 64],
      ],
    );
    assert.deepEqual(
      (await journal.records()).map((entry) => entry.outcome),
      ['ok', 'refused', 'ok', 'failed'],
    );

    const config = await host.request('read', { handle: device.handle, region: 7, offset: '0x0', length: 4 });
    assert.equal(config.data, '1410ed04');

    const restored = await driversOf(host).restore(fn.address);
    assert.equal(restored.driver, null);
    assert.equal(host.find(fn.address).driver, null);
    host.disconnect();
  });

  it('refuses to unbind what another session has open, at once', async () => {
    const one = hostWith(answering(true));
    const two = hostWith(answering(true));
    await one.connect();
    await driversOf(one).bind(lab.bdf);
    await one.open(lab.bdf);
    await two.connect();
    await assert.rejects(
      driversOf(two).restore(lab.bdf),
      /open in another process, and the kernel would wait/,
    );
    await assert.rejects(two.open(lab.bdf), /open in another process/);
    one.disconnect();
    // The helper of the first session ends with its channel; the device is free a moment later.
    for (let tries = 0; ; tries++) {
      try {
        await driversOf(two).restore(lab.bdf);
        break;
      } catch (error) {
        if (tries === 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    two.disconnect();
  });

  it('says that a function which vanished is gone', async () => {
    const host = hostWith(answering(true));
    await host.connect();
    assert.throws(() => host.find('0099:00:00.0'), /lab has no ISM function 0099:00:00\.0/);
    await assert.rejects(host.request('bind', { address: '0099:00:00.0' }), (error) => {
      assert.ok(error instanceof HelperError);
      assert.equal(error.failure.code, 'ENODEV');
      return true;
    });
    host.disconnect();
  });

  it('calls a store whose link breaks "outcome unknown", journals it so and never repeats it', async () => {
    const host = hostWith(answering(true));
    const journal = new StoreJournal(path.join(folder, 'broken-link'));
    await host.connect();
    await driversOf(host).bind(lab.bdf);
    const device = await host.open(lab.bdf);
    const before = lab.readStores().length;
    const [qemu] = lab.pids;
    assert.ok(qemu);
    process.kill(qemu, 'SIGSTOP'); // the request leaves, no answer can come
    const fn = host.find(lab.bdf);
    const pending = sendStore(
      { host, fn, handle: device.handle, region: 0, offset: 0n, data: new Uint8Array(16) },
      journal,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    process.kill(qemu, 'SIGKILL');
    const { record, sentence } = await pending;
    assert.equal(record.outcome, 'unknown');
    assert.match(sentence, /^Outcome unknown: .* will not be sent again\.$/);
    assert.equal((await journal.records())[0]?.outcome, 'unknown');
    assert.ok(lab.readStores().length - before <= 1);
    assert.equal(host.state.kind, 'reconnecting');
    host.disconnect();
    assert.equal(host.state.kind, 'disconnected');
  });
});
