/** The administrator's installation behind real sudo, with the README's own sudoers lines: what a member of the group may do. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildNativeHelper } from '../../helper/build';
import { openSetup } from '../../setup/context';
import { sudoRoot } from '../../setup/hostTools';
import { skip } from '../support/skip';

const helperFile =
  process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');

/** The sudoers line of the guide. */
function documentedLines(): string {
  const lines = readFileSync('docs/guide/hosts-and-ssh.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('%vfio '));
  assert.equal(lines.length, 1);
  return `${lines.join('\n')}\n`;
}

describe('the helper that is shipped', () => {
  it('is for s390x and knows no other tree than the host’s', () => {
    const program = readFileSync(helperFile);
    assert.equal(program.subarray(0, 6).toString('latin1'), '\x7fELF\x02\x02');
    assert.equal(program.readUInt16BE(18), 22); // EM_S390
    for (const option of ['sysfs-root', 'dev-root', 'modules-root'])
      assert.ok(!program.includes(option), `${option} is in the program`);
    assert.ok(program.includes('announce'));
  });
});

describe('the helper behind sudo', function () {
  this.timeout(300_000);
  let folder: string;
  let helper: string;
  let sudo: string;

  before(async function () {
    if (process.getuid?.() !== 0) skip(this, 'only root can make a host with sudo in a mount namespace');
    const setup = openSetup({ say: () => undefined });
    sudo = await sudoRoot(setup);
    helper = (await buildNativeHelper(setup, process.cwd(), 'shipped')).path;
    folder = mkdtempSync(path.join(tmpdir(), 'ism-sudo-'));
    const works = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', folder]);
    if (works.status !== 0) skip(this, 'this machine does not allow mount namespaces');
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  function attack(lines: string): Record<string, string> {
    const sudoers = path.join(tmpdir(), `ism-sudoers-${process.pid}`);
    writeFileSync(sudoers, lines);
    const script = path.resolve('test/fixtures/sudo/sudoHost.sh');
    const run = spawnSync('unshare', ['-m', 'sh', script, folder, sudo, helper, sudoers], {
      encoding: 'utf8',
      timeout: 120_000,
    });
    rmSync(sudoers);
    assert.equal(run.status, 0, run.stderr + run.stdout);
    return Object.fromEntries(
      run.stdout.split('\n').flatMap((line) => {
        const end = line.indexOf(': ');
        return end < 0 ? [] : [[line.slice(0, end), line.slice(end + 2).trim()] as const];
      }),
    );
  }

  const harmless = (said: Record<string, string>): void => {
    assert.equal(said['user'], 'vfio1');
    assert.match(said['version'] ?? '', /^ism-helper protocol \d+ build/);
    assert.match(said['hello'] ?? '', /^\{"event":"ready"\} \{"id":1,"result":\{.*"uid":0,/);
    for (const name of ['log', 'module'])
      assert.match(said[name] ?? '', /"EPERM","message":"the administrator's helper .* log in as root"/);
    assert.match(said['paths'] ?? '', /"id":1,"error".*"EINVAL".*"id":2,"error".*"EINVAL".*"id":3,"error"/);
    assert.match(said['shell'] ?? '', /a password is required|not allowed|may not run/);
  };

  it('may be started as the README says, and gives no more than ISM', () => {
    const said = attack(documentedLines());
    assert.match(said['checked'] ?? '', /\/etc\/sudoers\.d\/ism: parsed OK/);
    harmless(said);
    for (const name of ['bare', 'roots', 'announced-roots'])
      assert.match(said[name] ?? '', /a password is required|not allowed/, name);
  });

  it('gives no more where the line of older installations allows any argument', () => {
    const said = attack('%vfio ALL=(root) NOPASSWD: /usr/local/libexec/ism-driver-tools/ism-helper\n');
    harmless(said);
    for (const name of ['roots', 'announced-roots']) assert.match(said[name] ?? '', /unrecognized option/);
  });
});
