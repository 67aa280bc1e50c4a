/**
 * What a caller of root's helper controls: arguments, environment, requests and a file system. Whatever they are, it reads and
 * writes nothing but the attributes of ISM functions.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openSetup } from '../../setup/context';
import { buildNativeHelper } from '../build';
import { skip } from '../../test/support/skip';
import { FixtureTree } from './fixtureTree';
import type { Probe } from './probeHelper';
import { env, failureOf, program, resultOf, talk } from './spawnHelper';

const ISM = { address: '0051:00:00.0', driver: 'ism' };
const SECRET = 'root:$y$j9T$not-for-you:20000:0:99999:7:::';

describe("root's helper", () => {
  let tree: FixtureTree;
  let shipped: Probe;
  before(async function () {
    this.timeout(120_000);
    shipped = await buildNativeHelper(openSetup({ say: () => undefined }), process.cwd(), 'shipped');
  });
  beforeEach(() => (tree = new FixtureTree([ISM])));
  afterEach(() => tree.remove());

  const secret = (): string => {
    const file = path.join(tree.folder, 'shadow');
    writeFileSync(file, SECRET);
    return file;
  };
  const at = (name: string): string => path.join(tree.of(ISM.address), name);

  for (const option of ['--sysfs-root', '--dev-root', '--modules-root'])
    it(`has no ${option} in the shipped build`, () => {
      const run = spawnSync(shipped.path, [option, tree.sysfs], {
        input: '{"id":1,"op":"list"}\n',
        encoding: 'utf8',
        env: { ...process.env, ...shipped.env },
      });
      assert.equal(run.status, 2);
      assert.equal(run.stdout, '');
      assert.match(run.stderr, /unrecognized option/);
      assert.ok(!readFileSync(shipped.path).includes(option.slice(2)), `${option} is in the program`);
      // The same look finds it where it is.
      assert.ok(readFileSync(program.path).includes(option.slice(2)));
    });

  it('refuses an attribute that is a link', () => {
    symlinkSync(secret(), at('util_string'));
    rmSync(at('function_id'));
    symlinkSync('../0051:00:00.0/vendor', at('function_id'));
    const { replies } = talk(tree, { id: 1, op: 'describe', address: ISM.address }, { id: 2, op: 'list' });
    const said = JSON.stringify(replies);
    assert.equal((resultOf(replies[0]) as { utilString: unknown }).utilString, null);
    assert.ok(!said.includes(Buffer.from(SECRET).toString('hex')));
    assert.match(said, /"fid":null/);
  });

  it('refuses a function whose link leaves sysfs/devices', () => {
    const outside = new FixtureTree([{ address: '0052:00:00.0' }, { address: '0053:00:00.0' }]);
    symlinkSync(outside.of('0052:00:00.0'), tree.of('0052:00:00.0'));
    const relative = path.relative(path.dirname(tree.of('x')), outside.of('0053:00:00.0'));
    symlinkSync(relative, tree.of('0053:00:00.0'));
    const detour = '../../../devices/../../../../../../../../../..' + outside.of('0053:00:00.0');
    symlinkSync(detour, tree.of('0054:00:00.0'));
    const { replies } = talk(tree, { id: 1, op: 'list' }, { id: 2, op: 'bind', address: '0052:00:00.0' });
    const { functions } = resultOf(replies[0]) as { functions: { address: string }[] };
    assert.deepEqual(
      functions.map(({ address }) => address),
      [ISM.address],
    );
    assert.match(failureOf(replies[1]).message, /cannot read the ids/);
    outside.remove();
  });

  it('follows the link of the kernel to a function', () => {
    const real = path.join(tree.sysfs, 'devices/pci0055:00/0055:00:00.0');
    mkdirSync(real, { recursive: true });
    for (const [name, text] of [
      ['vendor', '0x1014'],
      ['device', '0x04ed'],
      ['driver_override', '(null)'],
    ] as const)
      writeFileSync(path.join(real, name), `${text}\n`);
    symlinkSync('../../../devices/pci0055:00/0055:00:00.0', tree.of('0055:00:00.0'));
    const { functions } = resultOf(talk(tree, { id: 1, op: 'list' }).replies[0]) as {
      functions: { address: string }[];
    };
    assert.deepEqual(
      functions.map(({ address }) => address),
      [ISM.address, '0055:00:00.0'],
    );
  });

  it('writes to no file outside sysfs when attributes are replaced by links before and during a bind', async () => {
    const victim = secret();
    // driver_override: text of the attacker's choice, which a rollback would bring back.
    writeFileSync(at('driver_override'), 'root::0:0::/:/bin/sh\n');
    rmSync(path.join(tree.sysfs, 'bus/pci/drivers/ism/unbind'));
    const fifo = path.join(tree.sysfs, 'bus/pci/drivers/ism/unbind');
    assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
    const child = spawn(program.path, tree.args, {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let answer = '';
    child.stdout.on('data', (text: Buffer) => (answer += text.toString()));
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end(`{"id":1,"op":"bind","address":"${ISM.address}","force":true}\n`);
    // The override was written; the unbind hangs. Now the attributes are exchanged and the unbind breaks.
    const overridden = (): boolean => readFileSync(at('driver_override'), 'utf8').startsWith('ism_vfio_pci');
    while (!overridden() && answer === '') await new Promise((resolve) => setTimeout(resolve, 10));
    rmSync(at('driver_override'));
    symlinkSync(victim, at('driver_override'));
    spawnSync('sh', ['-c', `exec 3<"$0"; exec 3<&-`, fifo], { timeout: 10_000 });
    await ended;
    assert.match(answer, /"error"/);
    assert.equal(readFileSync(victim, 'utf8'), SECRET);
  });

  it('refuses another file in place of a vfio device', () => {
    const victim = secret();
    rmSync(at('driver'));
    symlinkSync('../../drivers/ism_vfio_pci', at('driver'));
    symlinkSync('../../../../kernel/iommu_groups/0', at('iommu_group'));
    mkdirSync(path.join(tree.sysfs, 'devices/virtual/vfio/0'), { recursive: true });
    writeFileSync(path.join(tree.sysfs, 'devices/virtual/vfio/0/dev'), '241:0\n');
    symlinkSync(victim, path.join(tree.dev, 'vfio/0'));
    writeFileSync(path.join(tree.dev, 'vfio/vfio'), '');
    const open = { id: 1, op: 'open', address: ISM.address };
    assert.equal(failureOf(talk(tree, open).replies[0]).code, 'ENXIO');
    // Nor a file or another device in its place.
    rmSync(path.join(tree.dev, 'vfio/0'));
    writeFileSync(path.join(tree.dev, 'vfio/0'), '');
    const failure = failureOf(talk(tree, open).replies[0]);
    assert.equal(failure.code, 'ENXIO');
    assert.match(failure.message, /is not the device file that the kernel made for 0051:00:00\.0/);
  });

  it('ignores the environment', () => {
    const run = spawnSync(program.path, tree.args, {
      input: '{"id":1,"op":"hello"}\n',
      encoding: 'utf8',
      env: { ...env, SUDO_UID: '1000', PATH: '/nonexistent', TZ: ':/etc/shadow', LD_BIND_NOW: '1' },
    });
    assert.equal(run.status, 0);
    assert.match(run.stdout, /"protocol"/);
  });

  for (const who of [{ SUDO_UID: '1000' }, { PKEXEC_UID: '1000' }, { DOAS_USER: 'u' }])
    it(`reads no log and loads no module for ${JSON.stringify(who)}`, function () {
      // It matters who owns the program: the administrator's is root's.
      if (process.getuid?.() !== 0) skip(this, 'only root is given more rights than its caller');
      if (!existsSync('/sys/bus')) skip(this, 'this machine has no /sys');
      const run = spawnSync(shipped.path, [], {
        input:
          '{"id":1,"op":"kernel-log"}\n{"id":2,"op":"module-remove","name":"no_such_module"}\n' +
          '{"id":3,"op":"module-data","first":0,"data":"00"}\n' +
          `{"id":4,"op":"module-insert","name":"x","sha256":"${'0'.repeat(64)}"}\n`,
        encoding: 'utf8',
        env: { ...process.env, ...shipped.env, ...who },
      });
      const [log, remove, , insert] = run.stdout.split('\n');
      for (const answer of [log, remove, insert]) assert.match(answer ?? '', /"EPERM".*log in as root/);
    });
});
