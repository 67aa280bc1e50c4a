/** Bringing the helper to the simulated s390 host when its users, files and file systems make it hard. */
import assert from 'node:assert/strict';
import type { SudoChoice } from '../../client/helper/helperStart';
import type { RemoteSession } from '../../client/helper/remote';
import { connectRoute } from '../../client/ssh/route';
import type { SshConnection } from '../../client/ssh/sshConnection';
import { TrustStore } from '../../client/ssh/trustStore';
import { startLab, type Lab } from '../../lab/machine/api';
import { answering, noMemory, Sessions } from '../support/person';

const helperFile =
  process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');
const sessions = new Sessions();

describe('the helper on a host', () => {
  let lab: Lab;
  let root: SshConnection;
  before(async () => {
    lab = await startLab();
    const route = {
      sshConfigFile: lab.sshConfigFile,
      prompts: answering(),
      trust: new TrustStore(noMemory),
      report: () => undefined,
    };
    root = await connectRoute({ host: lab.alias }, route);
  });
  afterEach(async () => {
    sessions.end();
    await shell(
      'umount /home/dev/.cache 2>/dev/null; rm -rf /home/dev/.cache; chown dev /home/dev; chmod 755 /home/dev',
    );
  });
  after(async () => {
    root?.end();
    await lab?.stop();
  });

  const shell = async (command: string): Promise<string> => (await root.run(command)).stdout.lines();
  const dev = (
    prompts = answering(),
    sudo: SudoChoice = 'auto',
    report: (line: string) => void = () => undefined,
  ): Promise<RemoteSession> =>
    sessions.open({
      report,
      helperFile,
      destination: `dev@${lab.alias}`,
      sshConfigFile: lab.sshConfigFile,
      prompts,
      sudo,
    });

  it('lives in a private directory under a name with its checksum, and versions of long ago go', async () => {
    const place = '/home/dev/.cache/ism-driver-tools';
    await shell(
      `mkdir -p ${place}; cd ${place}; touch -t 202001010000 ism-helper-0123456789abcdef .upload-0123; touch ism-helper-of-another-window .upload-of-another; chown -R dev /home/dev/.cache`,
    );
    const session = await dev();
    assert.equal(session.privilege, 'user');
    const files = (await shell(`ls -A ${place}`)).trim().split('\n');
    // Homes are shared by hosts, and by windows with other versions: theirs stay.
    assert.equal(files.length, 3, files.join(' '));
    assert.ok(files.includes('ism-helper-of-another-window') && files.includes('.upload-of-another'));
    assert.ok(files.some((name) => /^ism-helper-[0-9a-f]{16}$/.test(name)));
    assert.match(await shell('ls -ld /home/dev/.cache/ism-driver-tools'), /^drwx------/);
  });

  it('is checked before each start: a changed file is replaced, not run', async () => {
    (await dev()).dispose();
    await shell('for f in /home/dev/.cache/ism-driver-tools/ism-helper-*; do printf changed > $f; done');
    const prompts = answering();
    await dev(prompts);
    assert.deepEqual(prompts.asked, ['upload']);
  });

  it('lists without root, and says what binding needs', async () => {
    const session = await dev();
    const { functions } = await session.channel.request('list', {});
    assert.equal(functions[0]?.address, lab.bdf);
    await assert.rejects(
      session.channel.request('bind', { address: lab.bdf }),
      /this user may not change drivers .*; run as root/,
    );
  });

  it('says which file a user may not open, until the file is opened for it', async () => {
    const admin = await sessions.open({
      helperFile,
      destination: lab.alias,
      sshConfigFile: lab.sshConfigFile,
    });
    await admin.channel.request('bind', { address: lab.bdf });
    const session = await dev();
    const list = await session.channel.request('list', {});
    assert.equal(list.functions[0]?.vfio.state, 'no-access');
    const node = list.functions[0]?.vfio.node ?? '';
    await assert.rejects(
      session.channel.request('open', { address: lab.bdf }),
      new RegExp(`may not open ${node}`),
    );
    await shell(`chgrp dev ${node}; chmod 660 ${node}; chmod 666 /dev/vfio/vfio $(ls /dev/iommu || true)`);
    const opened = await session.channel.request('open', { address: lab.bdf });
    await session.channel.request('close', { handle: opened.handle });
    await admin.channel.request('restore', { address: lab.bdf });
  });

  it('arrives without SFTP', async () => {
    const server = (
      await shell(
        'for f in /usr/lib/sftp-server /usr/lib/openssh/sftp-server /usr/libexec/sftp-server; do test -e $f && echo $f; done',
      )
    )
      .trim()
      .split('\n');
    for (const file of server) if (file) await shell(`mv ${file} ${file}.away`);
    try {
      assert.equal((await dev()).hello.machine, 's390x');
    } finally {
      for (const file of server) if (file) await shell(`mv ${file}.away ${file}`);
    }
  });

  const hard: [string, string, RegExp][] = [
    [
      'a home that cannot be written',
      'chown root /home/dev; chmod 555 /home/dev',
      /cannot be created on dev@127\.0\.0\.1; check that the home directory/,
    ],
    [
      'a full disk',
      'mkdir -p /home/dev/.cache && mount -t tmpfs -o size=64k,mode=777 none /home/dev/.cache',
      /could not be written .* check that its disk has room/,
    ],
    [
      'a home that forbids programs',
      'mkdir -p /home/dev/.cache && mount -t tmpfs -o noexec,mode=700,uid=$(id -u dev) none /home/dev/.cache',
      /does not let programs run from the home directory \(noexec\)/,
    ],
  ];
  for (const [name, prepare, sentence] of hard)
    it(`says in one sentence what is wrong with ${name}`, async () => {
      await shell(prepare);
      await assert.rejects(dev(), sentence);
    });

  const ways: [string, string, string | undefined][] = [
    ['a folder that others may write', 'mkdir -p -m 777 /scratch/dev', '/scratch/dev'],
    ['a link into such a folder', 'mkdir -p -m 777 /scratch/dev', '/scratch/dev'],
    [
      'a folder that belongs to another user',
      'mkdir -p -m 755 /scratch/dev; chown 4711 /scratch/dev',
      '/scratch/dev',
    ],
    ['a private folder of a shared place', 'mkdir -p -m 700 /scratch/dev; chown dev /scratch/dev', undefined],
  ];
  for (const [name, prepare, foreign] of ways)
    it(`is ${foreign ? 'not ' : ''}started through ${name}, also when its checksum is right`, async () => {
      (await dev()).dispose();
      await shell(
        `rm -rf /scratch; mkdir -m 1777 /scratch; ${prepare}; mv /home/dev/.cache/ism-driver-tools /scratch/dev/; rm -rf /home/dev/.cache; ln -s /scratch/dev /home/dev/.cache; chown -h dev /home/dev/.cache`,
      );
      const prompts = answering();
      const again = dev(prompts);
      if (foreign === undefined) assert.equal((await again).hello.machine, 's390x');
      else
        await assert.rejects(
          again,
          new RegExp(
            `not started on dev@127.0.0.1, since other users can change ${foreign}; make it writable`,
          ),
        );
      assert.deepEqual(prompts.asked, []);
      await shell('rm -rf /scratch');
    });

  it("uses root's installation when it is ours and only root can change it", async () => {
    const place = '/usr/local/libexec/ism-driver-tools';
    (await sessions.open({ helperFile, destination: lab.alias, sshConfigFile: lab.sshConfigFile })).dispose();
    await shell(
      `mkdir -p ${place}; cp /root/.cache/ism-driver-tools/ism-helper-* ${place}/ism-helper; chmod 755 /usr /usr/local /usr/local/libexec ${place} ${place}/ism-helper; chown -R root /usr/local`,
    );
    const used = answering();
    await dev(used);
    assert.deepEqual(used.asked, [], 'nothing had to be copied');
    await shell(`chmod 777 ${place}`);
    const distrusted = answering();
    const lines: string[] = [];
    await dev(distrusted, 'auto', (line) => lines.push(line));
    assert.deepEqual(distrusted.asked, ['upload'], 'somebody else could have exchanged it');
    assert.match(
      lines.join('\n'),
      /ism-helper on dev@127\.0\.0\.1 is not used, since others than root can change \/usr\/local\/libexec\/ism-driver-tools/,
    );
    await shell('rm -rf /usr/local/libexec');
  });
});
