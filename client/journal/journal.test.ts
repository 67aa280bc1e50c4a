import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StoreJournal } from './journal';

const intent = {
  host: 'lab',
  target: 'root@127.0.0.1',
  function: '0051:00:00.0',
  fid: '0x00000061',
  region: 0,
  offset: '0x123456789000',
  length: 8,
  data: '0011223344556677',
};

describe('the store journal', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'ism-journal-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const pending = (): string[] => readdirSync(path.join(folder, 'pending-stores'));

  it('has a note on disk before the outcome is known, and one line after', async () => {
    const journal = new StoreJournal(folder);
    const finish = await journal.begin(intent);
    assert.equal(pending().length, 1);
    assert.deepEqual(await journal.records(), []);
    await finish({ outcome: 'ok', count: 8, durationNs: 1200 });
    assert.equal(pending().length, 0);
    const lines = readFileSync(journal.file, 'utf8').trim().split('\n');
    assert.equal(lines.length, 1);
    const record = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    assert.equal(record['outcome'], 'ok');
    assert.equal(record['data'], intent.data);
    assert.equal(record['offset'], intent.offset);
    assert.match(String(record['time']), /^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('turns the note of a window that is gone into "unknown", once', async () => {
    const journal = new StoreJournal(folder);
    mkdirSync(path.join(folder, 'pending-stores'));
    // Process ids end far below this, so the window of this note cannot be alive.
    const note = path.join(folder, 'pending-stores', '999999999-abc.json');
    writeFileSync(note, JSON.stringify({ version: 1, id: 'abc', time: '2026-01-01T00:00:00Z', ...intent }));
    assert.equal(await journal.recover(), 1);
    assert.equal(await journal.recover(), 0);
    const [record] = await journal.records();
    assert.equal(record?.outcome, 'unknown');
    assert.equal(record?.offset, intent.offset);
  });

  it('notes the stores of a script together, and leaves out those that were not sent', async () => {
    const journal = new StoreJournal(folder);
    const script = (line: number) => ({ ...intent, script: `a.ism:${line}`, planned: 10 });
    const finish = await journal.beginAll([script(1), script(2), script(3)]);
    assert.equal(pending().length, 1);
    await finish([
      { outcome: 'ok', sent: 10, failed: 0 },
      { outcome: 'failed', sent: 4, failed: 1 },
      undefined,
    ]);
    assert.equal(pending().length, 0);
    assert.deepEqual(
      (await journal.records()).map((record) => [record.script, record.outcome, record.sent]),
      [
        ['a.ism:1', 'ok', 10],
        ['a.ism:2', 'failed', 4],
      ],
    );
  });

  it('turns every store of a script whose program is gone into "unknown", once', async () => {
    const journal = new StoreJournal(folder);
    await journal.beginAll([intent, { ...intent, offset: '0x8' }]);
    const [name = ''] = pending();
    const note = path.join(folder, 'pending-stores', name);
    renameSync(note, path.join(folder, 'pending-stores', name.replace(/^\d+/, '999999999')));
    assert.equal(await journal.recover(), 2);
    assert.equal(await journal.recover(), 0);
    assert.deepEqual(
      (await journal.records()).map((record) => [record.offset, record.outcome]),
      [
        [intent.offset, 'unknown'],
        ['0x8', 'unknown'],
      ],
    );
  });

  it('leaves the note of a living window alone', async () => {
    const journal = new StoreJournal(folder);
    await journal.begin(intent);
    assert.equal(await journal.recover(), 0);
    assert.equal(pending().length, 1);
  });

  it('reads on after a line that a full disk cut short', async () => {
    const journal = new StoreJournal(folder);
    await (
      await journal.begin(intent)
    )({ outcome: 'ok' });
    const text = readFileSync(journal.file, 'utf8');
    writeFileSync(journal.file, `{"version":1,"id":"x","ti\n${text}`);
    assert.equal((await journal.records()).length, 1);
  });
});
