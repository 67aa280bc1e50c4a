/** ism-run against the simulated host: what it says happened is what the device saw. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLab, type Lab } from '../../lab/machine/api';
import type { StoreRecord } from '../../client/journal/journal';
import { CuttingProxy } from '../support/cuttingProxy';
import { Guest } from '../../lab/machine/guestPrograms';

const helperFile =
  process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');
const program = path.resolve('dist/client/ism-run.js');
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('ism-run in the simulated host', () => {
  let lab: Lab;
  let folder: string;
  let proxy: CuttingProxy;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-run-'));
    lab = await startLab();
    const guest = await Guest.login(lab);
    await guest.run(`echo ism_vfio_pci > /sys/bus/pci/devices/${lab.bdf}/driver_override`);
    await guest.run(`echo ${lab.bdf} > /sys/bus/pci/drivers_probe`);
    guest.leave();
    proxy = new CuttingProxy(lab.port);
    await proxy.listen();
  });
  after(async () => {
    proxy?.close();
    await lab?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function script(name: string, ...lines: string[]): string {
    const file = path.join(folder, name);
    writeFileSync(file, `device ${lab.bdf}\n${lines.join('\n')}\n`);
    return file;
  }

  function start(args: readonly string[], config = lab.sshConfigFile) {
    const all = ['--host', lab.alias, '--ssh-config', config, '--helper', helperFile];
    const child = spawn(process.execPath, [program, ...all, '--journal', folder, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
    const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
    return { child, ended };
  }
  const run = (...args: string[]): Promise<Ended> => start(args).ended;
  const seen = (offset: string) => lab.readStores().filter((store) => store.offset === offset);
  const journal = (): StoreRecord[] =>
    readFileSync(path.join(folder, 'stores.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as StoreRecord);

  /** Waits until the device has seen some stores to a place. */
  async function underWay(offset: string, ended: Promise<Ended>): Promise<void> {
    let over: Ended | undefined;
    void ended.then((result) => (over = result));
    while (seen(offset).length < 20) {
      if (over) assert.fail(JSON.stringify(over));
      await pause(20);
    }
  }

  /** How many stores came to a place in the end. */
  async function settled(offset: string): Promise<number> {
    for (let before = -1; ; await pause(500)) {
      const now = seen(offset).length;
      if (now === before) return now;
      before = now;
    }
  }

  it('sends what the script says, and tells where before it does', async () => {
    const file = script(
      'sends.ism',
      'let place = 0x110000000000',
      'store bar0 place hex 00112233 44556677',
      'repeat 10',
      '  store bar0 place + 8 random 64 seed 7',
      'end',
      'burst 20 bar0 place + 0x1000 counter 16 step 0x1000',
    );
    const { code, out, err } = await run(file);
    assert.equal(code, 0, err);
    assert.match(err, new RegExp(`function ${lab.bdf}, FID 0x\\w+: at most 31 stores`));
    assert.match(
      out,
      /^ok {5}\S+sends\.ism: sends \(\d+\.\d ms, 31 stores\)\n1 of 1 test passed, 31 stores\n$/,
    );
    assert.equal(await settled('0x110000000000'), 1);
    assert.equal(seen('0x110000000000')[0]?.bytes, '0011223344556677');
    assert.equal(seen('0x110000000008').length, 10);
    assert.equal(seen('0x110000014000').length, 1);
    assert.deepEqual(
      journal().map(({ script: where, offset, length, outcome, planned, sent, failed }) => [
        ...[where?.replace(/.*:/, ''), offset, length, outcome, planned, sent, failed],
      ]),
      [
        ['3', '0x110000000000', 8, 'ok', 1, 1, 0],
        ['5', '0x110000000008', 64, 'ok', 10, 10, 0],
        ['7', '0x110000001000', 16, 'ok', 20, 20, 0],
      ],
    );
  });

  it('shows expected and actual bytes of a failed expect, in TAP and JUnit too', async () => {
    const file = script(
      'expects.ism',
      'test "configuration space"',
      '  read config 0 4',
      '  expect u16le 0x1014, 0x4ed',
      'test "another <vendor>"',
      '  store bar0 0x120000000000 hex 00',
      '  expect error EIO',
      '  store bar0 0x120000000000 counter 8',
      '  read config 0 8',
      '  expect at 1 hex 10ff .. 03',
      '  store bar0 0x120000000000 counter 8',
      'test "later"',
      '  store bar0 0x120000000008 counter 8',
    );
    const report = path.join(folder, 'report.xml');
    await lab.ask({
      op: 'fault',
      name: lab.functions[0]?.name ?? '',
      fault: { kind: 'eio', count: 1, milliseconds: 0 },
    });
    const { code, out, err } = await run(file, '--report', 'tap', '--report', `junit=${report}`);
    assert.equal(code, 1, err);
    assert.match(out, /^TAP version 14\n1\.\.3\nok 1 - \S+expects\.ism: configuration space\nnot ok 2 - /);
    assert.match(out, /ok 3 - .*later\n$/);
    const block =
      /message: "Byte 2 of the read is ed; ff was expected\."\n {2}severity: failed\n {2}at:\n {4}file: ".*"\n {4}line: 10\n {2}expected: \|\n {4}0001 {2}10 ff \.\. 03\n {2}actual: \|\n {4}0001 {2}10 ed 04 \w\w\n {2}\.\.\.\n/;
    assert.match(out, block);
    const xml = readFileSync(report, 'utf8');
    assert.match(
      xml,
      /<testsuites name="ism-run" tests="3" failures="1" errors="0" skipped="0" time="0\.\d+">/,
    );
    assert.match(xml, /name="another &lt;vendor&gt;"/);
    assert.match(
      xml,
      /expects\.ism:10: Byte 2 of the read is ed; ff was expected\.\nexpected:\n {2}0001 {2}10 ff \.\. 03\nactual:\n {2}0001 {2}10 ed 04/,
    );
    assert.match(err, /expects\.ism:10: Byte 2/);
    // The device saw the store that it refused as well.
    assert.equal(await settled('0x120000000000'), 2);
    assert.equal(seen('0x120000000008').length, 1);
  });

  it('is stopped by a signal, and has sent what it says', async () => {
    const file = script('long.ism', 'repeat 1000000', '  store bar0 0x130000000000 counter 64', 'end');
    const { child, ended } = start([file]);
    await underWay('0x130000000000', ended);
    child.kill('SIGINT');
    const { code, out, err } = await ended;
    assert.equal(code, 130, err);
    const sent = Number(/Stopped after (\d+) of 1000000 stores/.exec(out)?.[1]);
    assert.equal(await settled('0x130000000000'), sent, out);
    const last = journal().at(-1);
    assert.deepEqual([last?.outcome, last?.sent, last?.planned], ['ok', sent, 1_000_000]);
  });

  it('says that the outcome is unknown when the link breaks, and sends nothing again', async () => {
    const config = path.join(folder, 'proxied');
    writeFileSync(
      config,
      readFileSync(lab.sshConfigFile, 'utf8').replace(
        /Port \d+/,
        `Port ${proxy.port}\n  HostKeyAlias [127.0.0.1]:${lab.port}`,
      ),
    );
    const file = script(
      'cut.ism',
      'repeat 1000000',
      '  store bar0 0x140000000000 counter 64',
      'end',
      'store bar0 0x140000001000 hex 00',
    );
    const { ended } = start([file], config);
    await underWay('0x140000000000', ended);
    proxy.cut();
    const { code, out, err } = await ended;
    assert.equal(code, 3, err);
    assert.match(out, /^unknown .*\n.*Outcome unknown: the link broke/);
    assert.deepEqual(
      journal()
        .slice(-2)
        .map(({ outcome, offset, sent }) => [outcome, offset, sent]),
      [
        ['unknown', '0x140000000000', undefined],
        ['unknown', '0x140000001000', undefined],
      ],
    );
    await settled('0x140000000000');
    assert.equal(seen('0x140000001000').length, 0);
  });

  it('refuses what the function would refuse before the first store', async () => {
    const file = script('past.ism', 'store bar0 0x150000000000 hex 00', 'read bar2 0x10000000 8');
    const { code, out, err } = await run(file);
    assert.equal(code, 1, err);
    assert.match(out, /^refused .*\n.*past\.ism:3: Refused before the first store: /);
    assert.equal(await settled('0x150000000000'), 0);
  });

  const mistakes: [string, () => string[], number, RegExp][] = [
    ['no file', () => [], 2, /^ism-run: Name a script to run; --help says more\.\n$/],
    ['a file that is not there', () => ['nowhere.ism'], 2, /^ism-run: nowhere\.ism does not exist\.\n$/],
    [
      'an option that is none',
      () => ['--hots', 'x'],
      2,
      /^ism-run: Unknown option '--hots'; --help says what there is\.\n$/,
    ],
    [
      'a report that is none',
      () => [script('a.ism', 'sleep 1ms'), '--report', 'html'],
      2,
      /^ism-run: 'html' is not a report/,
    ],
    [
      'a test that is not there',
      () => [script('a.ism', 'sleep 1ms'), '--test', 'x'],
      2,
      /^ism-run: There is no test "x"/,
    ],
    [
      'a mistake in a script',
      () => [script('b.ism', 'stroe'), '--dry-run'],
      2,
      /^\S+b\.ism:2:1: error: 'stroe' is not a statement.*\[unknown-statement\]\nism-run: A script is wrong, so nothing was run\.\n$/,
    ],
    [
      'an unknown host',
      () => [script('a.ism', 'sleep 1ms'), '--host', 'no-such-host.invalid'],
      3,
      /^ism-run: The host name/,
    ],
    [
      'a function that is not there',
      () => [script('c.ism', 'test "x"', 'device fid 0xfff', 'sleep 1ms')],
      3,
      /no ISM function with FID 0xfff/,
    ],
    [
      'a helper that is not there',
      () => [script('a.ism', 'sleep 1ms'), '--helper', 'nothing'],
      3,
      /^ism-run: The helper nothing does not exist/,
    ],
  ];
  for (const [name, args, expected, message] of mistakes)
    it(`has one sentence for ${name}`, async () => {
      const { code, out, err } = await run(...args());
      assert.equal(code, expected, err + out);
      assert.match(err + out, message);
      assert.doesNotMatch(err + out, /\n {4}at /);
    });

  it('connects to no host whose key is not known, and says what to do', async () => {
    for (const strict of ['ask', 'accept-new']) {
      const config = path.join(folder, `unknown-${strict}`);
      const text = readFileSync(lab.sshConfigFile, 'utf8')
        .replace(/UserKnownHostsFile .*/, 'UserKnownHostsFile /nonexistent')
        .replace(/StrictHostKeyChecking .*/, '');
      writeFileSync(config, `Host *\n  StrictHostKeyChecking ${strict}\n${text}`);
      const { code, err } = await start([script('a.ism', 'sleep 1ms')], config).ended;
      assert.equal(code, 3, err);
      assert.match(
        err,
        /^ism-run: The host key .* not known.*connecting once with ssh|connect once with ssh/,
      );
    }
  });

  it('checks without a host', async () => {
    const { code, err } = await run(script('d.ism', 'burst 5 bar0 0 hex 00'), '--dry-run');
    assert.deepEqual([code, err], [0, 'ism-run: 1 test with 5 stores could be run; nothing was.\n']);
  });
});
