/** What a killed program, a full disk and other programs leave of the journal. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PART_BYTES } from './appendLines';
import { StoreJournal } from './journal';
import { lineOf, type StoreIntent, type StoreRecord } from './storeRecord';
import { livenessOf, ownWriter } from './writer';

const child = (name: string): string => path.resolve('dist/test/client/journal', `${name}.child.js`);

const intent = (offset: number, length = 8): StoreIntent => ({
  ...{ host: 'lab', target: 'root@127.0.0.1', function: '0051:00:00.0', fid: '0x61', region: 0 },
  ...{ offset: `0x${offset.toString(16)}`, length, data: 'ab'.repeat(length) },
});

const places = (records: readonly StoreRecord[]): string[] =>
  records.map(({ offset, outcome }) => `${offset} ${outcome}`);

describe('the store journal after', () => {
  let folder: string;
  let journal: StoreJournal;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-crash-'));
    journal = new StoreJournal(path.join(folder, 'journal'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const store = async (offset: number): Promise<void> =>
    void (await (
      await journal.begin(intent(offset))
    )({ outcome: 'ok', count: 8 }));
  const notes = (): string[] => readdirSync(path.join(folder, 'journal', 'pending-stores'));
  const linesOfFile = (): string[] => readFileSync(journal.file, 'utf8').split('\n').filter(Boolean);
  const seen = (): string[] =>
    existsSync(path.join(folder, 'device'))
      ? readFileSync(path.join(folder, 'device'), 'utf8').split('\n').filter(Boolean)
      : [];

  // The second store meets what the first one left. A death after a step is one before the next.
  for (const [kind, rounds] of [
    ['store', 2],
    ['burst', 1],
    ['script', 1],
  ] as const)
    it(`kill -9 at everything that a ${kind} does to its files has each store once`, async function () {
      this.timeout(120_000);
      const run = (env: Record<string, string>): { killed: boolean; stdout: string } => {
        const args = [child('victim'), folder, kind, String(rounds)];
        const { signal, stdout, stderr } = spawnSync(process.execPath, args, {
          env: { ...process.env, ...env },
          encoding: 'utf8',
        });
        assert.equal(stderr, '');
        return { killed: signal === 'SIGKILL', stdout };
      };
      const steps = JSON.parse(run({}).stdout) as string[];
      assert.ok(steps.length >= 11 * rounds, steps.join(' '));
      for (const [index, step] of steps.entries())
        for (const when of step.startsWith('write') ? ['before', 'half'] : ['before']) {
          rmSync(folder, { recursive: true });
          mkdirSync(folder);
          const where = `${when} step ${index}, ${step}, of ${steps.length}`;
          assert.ok(run({ ISM_KILL_AT: String(index + 1), ISM_KILL_WHEN: when }).killed, where);
          await new StoreJournal(path.join(folder, 'journal')).recover();
          assert.equal(await journal.recover(), 0, where);
          const records = await journal.records();
          const journalled = records.map(({ offset }) => offset);
          assert.equal(new Set(journalled).size, journalled.length, where);
          for (const offset of seen()) assert.ok(journalled.includes(offset), `${where}: ${offset} is lost`);
          for (const { offset, outcome } of records)
            if (outcome !== 'unknown') assert.ok(seen().includes(offset), `${where}: ${offset} was not sent`);
          if (existsSync(path.join(folder, 'journal', 'pending-stores')))
            assert.deepEqual(notes(), [], where);
          // The next store has its line, whatever the file ends with.
          await store(0x7777);
          assert.equal((await journal.records()).at(-1)?.offset, '0x7777', where);
        }
    });

  it('a last line that was cut short has all others', async () => {
    await store(1);
    truncateSync(journal.file, statSync(journal.file).size - 20);
    await store(2);
    await store(3);
    assert.deepEqual(places(await journal.records()), ['0x2 ok', '0x3 ok']);
  });

  it('a full disk has what was known, writes it when there is room, and sent nothing meanwhile', () => {
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', `trap '' XFSZ; exec "$0" "$1" "$2"`, process.execPath, child('fullDisk'), folder],
      { encoding: 'utf8' },
    );
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout), {
      full: 'EFBIG',
      whileFull: ['0x1 ok', '0x2 ok'],
      sentWhileFull: 0,
      why: 'The store journal cannot be written, so nothing was sent; check the disk.',
      withRoom: ['0x1 ok', '0x2 ok', '0x3 ok'],
      notes: 0,
    });
  });

  it('a disk that was full for a part of a script, and the end of the window, has the rest as unknown', async () => {
    const finish = await journal.beginAll([intent(1), intent(2), intent(3)]);
    await finish([{ outcome: 'ok' }, undefined, undefined]);
    const [line = ''] = linesOfFile();
    const { id } = JSON.parse(line) as StoreRecord;
    const pending = { version: 1, id, time: '2026-01-01T00:00:00Z', ...intent(1) };
    const note = [pending, { ...pending, id: 'b', offset: '0x2' }, { ...pending, id: 'c', offset: '0x3' }];
    writeFileSync(
      path.join(folder, 'journal', 'pending-stores', '999999999-x.json'),
      note.map(lineOf).join(''),
    );
    assert.deepEqual(places(await journal.records()), ['0x1 ok', '0x2 unknown', '0x3 unknown']);
    assert.equal(await journal.recover(), 2);
    assert.deepEqual(places(await journal.records()), ['0x1 ok', '0x2 unknown', '0x3 unknown']);
  });

  it('a file that cannot be written sends no further store', async () => {
    mkdirSync(journal.file, { recursive: true });
    const finish = await journal.begin(intent(1));
    await assert.rejects(finish({ outcome: 'ok' }), { code: 'EISDIR' });
    await assert.rejects(journal.begin(intent(2)), { code: 'EISDIR' });
    assert.deepEqual(places(await journal.records()), ['0x1 ok']);
  });

  it('three programs that write scripts of 500 long stores at once has all, none twice', async function () {
    this.timeout(120_000);
    const ends = ['a', 'b', 'c'].map(
      (name) =>
        new Promise((resolve) =>
          spawn(process.execPath, [child('writer'), path.join(folder, 'journal'), name, '2', '500', '4096'], {
            stdio: ['ignore', 'inherit', 'inherit'],
          }).once('exit', resolve),
        ),
    );
    assert.deepEqual(await Promise.all(ends), [0, 0, 0]);
    const records = await journal.records();
    assert.equal(records.length, 3000);
    assert.equal(new Set(records.map(({ host, offset }) => `${host} ${offset}`)).size, 3000);
    const parts = readdirSync(path.join(folder, 'journal')).filter((name) => name.startsWith('stores-'));
    assert.ok(parts.length > 0, 'no old part was made');
    assert.deepEqual(notes(), []);
    const { records: newest, total } = await journal.newest(1000, ({ host }) => host === 'b')();
    assert.deepEqual([newest.length, total], [1000, 1000]);
  });

  it('a window that another one takes for dead has its store once, with the true outcome', async () => {
    const finish = await journal.begin(intent(1));
    const [name = ''] = notes();
    const note = readFileSync(path.join(folder, 'journal', 'pending-stores', name), 'utf8');
    // As a window in another pid namespace would: it cannot see this process.
    const other = new StoreJournal(path.join(folder, 'journal'));
    writeFileSync(path.join(folder, 'journal', 'pending-stores', '999999999-x.json'), note);
    assert.equal(await other.recover(), 1);
    await finish({ outcome: 'ok' });
    assert.deepEqual(places(await journal.records()), ['0x1 ok']);
    assert.deepEqual((await journal.newest(10, () => true)()).total, 1);
  });

  it('a window in another container leaves its note, and the store reads as unknown until it answers', async () => {
    const finish = await journal.begin(intent(1));
    const [name = ''] = notes();
    const parts = name.split('.');
    parts[2] = 'ffffffff';
    const foreign = parts.join('.');
    assert.equal(livenessOf(foreign.slice(0, foreign.indexOf('-'))), 'unknown');
    const text = readFileSync(path.join(folder, 'journal', 'pending-stores', name), 'utf8');
    writeFileSync(path.join(folder, 'journal', 'pending-stores', foreign), text);
    assert.equal(await journal.recover(), 0);
    assert.deepEqual(places(await journal.records()), ['0x1 unknown']);
    await finish({ outcome: 'ok' });
    assert.deepEqual(places(await journal.records()), ['0x1 ok']);
    assert.deepEqual(notes(), [foreign]);
  });

  it('a process id that was given to another process knows that the window is gone', () => {
    const parts = ownWriter().split('.');
    assert.equal(livenessOf(ownWriter()), 'alive');
    assert.equal(
      livenessOf([parts[0], '1', ...parts.slice(2)].join('.')),
      process.platform === 'linux' ? 'gone' : 'alive',
    );
    assert.equal(livenessOf([...parts.slice(0, 3), '00000000', parts[4]].join('.')), 'gone');
    assert.equal(livenessOf([...parts.slice(0, 4), '00000000'].join('.')), 'unknown');
  });

  it('a size that no string can hold is read, and the view reads only what is new', async () => {
    await store(1);
    // A hole as long as the longest string, then a line: a sparse file, so that the test costs no disk.
    truncateSync(journal.file, (512 << 20) + 4096);
    appendFileSync(journal.file, '\n');
    const newest = journal.newest(10, () => true);
    assert.deepEqual(places((await newest()).records), ['0x1 ok']);
    await store(2);
    assert.ok(!existsSync(journal.file), 'the file became an old part');
    await store(3);
    const { records, total } = await newest();
    assert.deepEqual([...places(records)].sort(), ['0x1 ok', '0x2 ok', '0x3 ok']);
    assert.equal(total, 3);
    assert.ok(statSync(journal.file).size < PART_BYTES);
  }).timeout(60_000);
});
