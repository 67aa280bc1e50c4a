/**
 * Two windows and ism-run store at once into three functions, share one journal, and are killed again and again. Every store that the
 * device saw is in the journal once, as `ok` or `unknown`; none that it did not see is `ok`.
 *
 * ISM_SOAK=STORES,KILLS sets how many; by default few, so that `npm test` stays short.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StoreJournal } from '../../../client/journal/journal';
import { startLab, type Lab, type LabFunction } from '../../../lab/machine/api';
import { LabHost } from '../../support/labHost';

const helperFile =
  process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');
const [STORES = 0, KILLS = 0] = (process.env['ISM_SOAK'] ?? '500,12').split(',').map(Number);
/** Stores of one run of a script, and of one window that nobody kills. */
const SCRIPT_STORES = 60;
const WINDOW_STORES = 100_000;
/** Seconds after its first store in which a program is killed. */
const LIFE_SECONDS = 1.5;

describe('a journal whose programs are killed', () => {
  let lab: Lab;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-kills-'));
    lab = await startLab({ functions: 3 });
    const admin = new LabHost(lab);
    await admin.host.connect();
    for (const { bdf } of lab.functions) await admin.drivers.bind(bdf);
    admin.end();
  });
  after(async () => {
    await lab?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const journalFolder = (): string => path.join(folder, 'journal');
  let kills = 0;
  const isEnough = (): boolean => kills >= KILLS && lab.readStores().length >= STORES;

  function startWindow(fn: LabFunction, offset: bigint): ChildProcess {
    const task = {
      ...{ alias: lab.alias, sshConfigFile: lab.sshConfigFile, helperFile, address: fn.bdf },
      ...{ journal: journalFolder(), offset: `0x${offset.toString(16)}`, stores: WINDOW_STORES },
    };
    const program = path.resolve('dist/test/test/integration/journal/window.child.js');
    return spawn(process.execPath, [program, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  function startScript(fn: LabFunction, offset: bigint): ChildProcess {
    const file = path.join(folder, `${fn.name}.ism`);
    const stores = Array.from(
      { length: SCRIPT_STORES },
      (_, n) => `store bar0 0x${(offset + BigInt(n * 16)).toString(16)} counter 16`,
    );
    writeFileSync(file, [`device ${fn.bdf}`, ...stores, ''].join('\n'));
    const where = ['--host', lab.alias, '--ssh-config', lab.sshConfigFile, '--helper', helperFile];
    return spawn(
      process.execPath,
      [path.resolve('dist/client/ism-run.js'), file, ...where, '--journal', journalFolder()],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
  }

  /** Starts programs one after the other, and kills each at some moment after it began to store. */
  async function lane(
    number: number,
    begin: (fn: LabFunction, offset: bigint) => ChildProcess,
    isBegun: RegExp,
  ): Promise<void> {
    const fn = lab.functions[number] ?? assert.fail('no function');
    for (let round = 0; !isEnough(); round++) {
      const offset = (BigInt(number + 1) << 44n) + (BigInt(round) << 24n);
      const child = begin(fn, offset);
      let said = '';
      let timer: NodeJS.Timeout | undefined;
      const kill = (): void => void (child.kill('SIGKILL') && kills++);
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (data: Buffer) => {
          said += data.toString();
          if (isBegun.test(said)) timer ??= setTimeout(kill, Math.random() * LIFE_SECONDS * 1000);
        });
      const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
      clearTimeout(timer);
      // A script may end before its death; one that finds its device held by the killed one before fails, and stores nothing.
      if (code !== null && code !== 0) assert.match(said, /EBUSY|in use|busy|another program/i, said);
    }
  }

  it(`has each of ${STORES} stores once after ${KILLS} kills, and calls none ok that did not arrive`, async function () {
    this.timeout(3_600_000);
    await Promise.all([
      lane(0, startWindow, /open/),
      lane(1, startWindow, /open/),
      lane(2, startScript, /at most \d+ stores/),
    ]);
    const journal = new StoreJournal(journalFolder());
    await journal.recover();
    const records = await journal.records();
    const seen = new Map<string, number>();
    for (const { offset } of lab.readStores()) seen.set(offset, (seen.get(offset) ?? 0) + 1);
    const journalled = new Map(records.map(({ offset, outcome }) => [offset, outcome]));
    assert.equal(journalled.size, records.length, 'a store is in the journal twice');
    for (const [offset, times] of seen) {
      assert.equal(times, 1, `${offset} was sent ${times} times`);
      assert.match(journalled.get(offset) ?? 'missing', /^(ok|unknown)$/, `${offset} is not in the journal`);
    }
    for (const [offset, outcome] of journalled)
      if (outcome === 'ok') assert.ok(seen.has(offset), `${offset} is called ok and did not arrive`);
    const count = (wanted: string): number => records.filter(({ outcome }) => outcome === wanted).length;
    console.log(
      `      ${seen.size} stores arrived, ${kills} kills; in the journal ${count('ok')} ok, ${count('unknown')} unknown`,
    );
    assert.ok(count('unknown') > 0 || KILLS < 20, 'no kill came while a store was on its way');
  });
});
