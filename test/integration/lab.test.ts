import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'ssh2';
import { startLab, type Lab } from '../../lab/machine/api';
import { newIdentity } from '../../lab/machine/keys';
import { projectFile } from '../../lab/base/projectFile';
import { openSetup, type SetupContext } from '../../setup/context';
import { crossCompiler } from '../../setup/cross';
import { ensureHostTool } from '../../setup/hostTools';
import { Guest } from '../../lab/machine/guestPrograms';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the lab', function () {
  // Nothing here depends on how long things take; these limits only end what hangs. The first run also downloads.
  this.timeout(120_000);
  let setup: SetupContext;
  let lab: Lab;
  let guest: Guest;
  const device = (): string => `/sys/bus/pci/devices/${lab.bdf}`;

  before(async function () {
    this.timeout(30 * 60_000);
    setup = openSetup();
    lab = await startLab({ setup });
    guest = await Guest.login(lab);
  });

  after(async function () {
    guest?.leave();
    await lab?.stop();
  });

  it('is s390x with an ISM function that no driver has', async () => {
    assert.equal(await guest.run('uname -m'), 's390x');
    assert.equal(await guest.run('uname -r'), lab.kernelRelease);
    assert.equal(await guest.run(`cat ${device()}/vendor ${device()}/device`), '0x1014\n0x04ed');
    assert.equal(await guest.run(`cat ${device()}/function_id ${device()}/uid`), '0x00000061\n0x51');
    assert.equal(await guest.run(`[ ! -e ${device()}/driver ] && echo unbound`), 'unbound');
  });

  it('logs in an unprivileged user with the same key, who may not open the device', async () => {
    const dev = await Guest.login(lab, 'dev');
    try {
      assert.equal(await dev.run('id -un; pwd'), 'dev\n/home/dev');
      assert.equal(await dev.run(`[ -w ${device()}/driver_override ] || echo no`), 'no');
    } finally {
      dev.leave();
    }
  });

  it('refuses strange keys and has no passwords', async () => {
    const { privateKey } = newIdentity('stranger');
    const client = new Client();
    const offered = await new Promise<readonly string[]>((resolve, reject) => {
      client.once('ready', () => reject(new Error('a strange key was let in'))).once('error', reject);
      client.connect({
        host: lab.host,
        port: lab.port,
        username: 'root',
        hostVerifier: () => true,
        authHandler: (left: readonly string[] | null, _partial, next) => {
          // After an attempt the server says what it would take; before the first there is nothing.
          if (left) resolve(left);
          else next({ type: 'publickey', username: 'root', key: privateKey });
        },
      });
    });
    client.destroy();
    assert.deepEqual(offered, ['publickey']);
  });

  it('is reached by the printed ssh command', async () => {
    const ssh = await ensureHostTool(setup, 'ssh');
    const output = execFileSync(ssh.path, ['-F', lab.sshConfigFile, lab.alias, 'hostname'], {
      encoding: 'utf8',
      env: { ...process.env, ...ssh.env },
    });
    assert.equal(output, 'ism-lab\n');
  });

  it('binds to the unmodified driver by driver_override and drivers_probe', async () => {
    await guest.run(`echo ism_vfio_pci > ${device()}/driver_override`);
    await guest.run(`echo ${lab.bdf} > /sys/bus/pci/drivers_probe`);
    assert.equal(path.basename(await guest.run(`readlink ${device()}/driver`)), 'ism_vfio_pci');
    const group = path.basename(await guest.run(`readlink ${device()}/iommu_group`));
    assert.match(await guest.run(`ls -l /dev/vfio/${group}`), /^crw------- .* root +root /);
  });

  it('logs a store of 64 bytes exactly', async function () {
    const folder = mkdtempSync(path.join(tmpdir(), 'store-probe-'));
    try {
      const cross = await crossCompiler(setup);
      const program = path.join(folder, 'storeProbe');
      const source = projectFile('test/fixtures/lab/storeProbe.c');
      execFileSync(cross.cc, ['-static', '-O2', '-Wall', '-Werror', '-o', program, source], {
        env: { ...process.env, ...cross.env },
      });
      await guest.upload(program, '/tmp/storeProbe');
      const group = path.basename(await guest.run(`readlink ${device()}/iommu_group`));
      const before = lab.readStores().length;
      const answer = await guest.run(`/tmp/storeProbe ${group} ${lab.bdf} 0x123456789000`);
      assert.equal(answer, '64');
      const expected = Buffer.from(Array.from({ length: 64 }, (_, index) => index + 1)).toString('hex');
      const store = await lab.waitForStore(({ length }) => length === 64, before);
      assert.equal(store.function, 'ism0');
      assert.equal(store.region, 0);
      assert.equal(store.offset, '0x123456789000');
      assert.equal(store.bytes, expected);
      // In whole mode a record is the store itself, not what QEMU made of it.
      assert.deepEqual(store.pieces, []);
      assert.equal(lab.readStores().length, before + 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('runs twice at the same time, with keys of its own, and leaves nothing behind', async function () {
    this.timeout(240_000);
    const second = await startLab({ setup });
    const folder = path.dirname(second.storeLog);
    try {
      assert.notEqual(second.port, lab.port);
      assert.notEqual(readFileSync(second.identityFile, 'utf8'), readFileSync(lab.identityFile, 'utf8'));
      const other = await Guest.login(second);
      assert.equal(await other.run(`cat ${device()}/device`), '0x04ed');
      other.leave();
      // The first lab's function is bound, the second's is not: they share nothing.
      assert.deepEqual(second.readStores(), []);
      assert.equal(await guest.run('echo still here'), 'still here');
    } finally {
      await second.stop();
    }
    assert.deepEqual(second.pids.filter(isAlive), []);
    assert.equal(existsSync(folder), false);
    await second.stop();
  });

  it('says in one sentence that a named lab is running already', async () => {
    const name = `test-${process.pid}`;
    const first = startLab({ setup, name });
    try {
      await first;
      await assert.rejects(startLab({ setup, name }), /A lab named 'test-\d+' is running already/);
    } finally {
      const named = await first;
      await named.stop();
      rmSync(path.dirname(named.storeLog), { recursive: true });
    }
  });
});
