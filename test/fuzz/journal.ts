/**
 * Damaged store journals. What must be true of each: it is read, and no line is lost that is whole in it, nor one that is appended
 * behind the damage.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { appendLines } from '../../client/journal/appendLines';
import { allRecords, NewestRecords } from '../../client/journal/readParts';
import { lineOf, parseRecord, type StoreRecord } from '../../client/journal/storeRecord';
import { generator, mutated } from './random';

function record(id: number, random: (below: number) => number): StoreRecord {
  return {
    version: 1,
    id: `store-${id}`,
    time: new Date(1_795_000_000_000 + id * 1000).toISOString(),
    host: 'lpar',
    target: 'user@lpar',
    function: '0051:00:00.0',
    fid: '0x61',
    region: 0,
    offset: `0x${random(1 << 24).toString(16)}`,
    length: 8,
    data: '0123456789abcdef',
    outcome: (['ok', 'short', 'refused', 'failed', 'unknown'] as const)[random(5)] ?? 'ok',
  };
}

/** The ids of the lines of some bytes that are whole, as a reader that knows nothing of ours finds them. */
function wholeIds(bytes: Buffer): Set<string> {
  const lines = bytes.toString('utf8').split('\n').slice(0, -1);
  return new Set(lines.flatMap((line) => parseRecord(line)?.id ?? []));
}

/**
 * @returns how many lines were whole and how many were damaged
 * @throws with what breaks a promise
 */
export async function fuzzJournal(rounds: number, seed = 1): Promise<{ whole: number; damaged: number }> {
  const random = generator(seed);
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-fuzz-journal-'));
  const file = path.join(folder, 'stores.jsonl');
  const count = { whole: 0, damaged: 0 };
  try {
    for (let round = 0; round < rounds; round++) {
      const records = Array.from({ length: 1 + random(20) }, (_, id) => record(id, random));
      const bytes = mutated(Buffer.from(records.map(lineOf).join('')), random);
      writeFileSync(file, bytes);
      const wanted = wholeIds(bytes);
      const later = record(1000 + round, random);
      await appendLines(file, [lineOf(later)]);
      wanted.add(later.id);
      const read = await allRecords(file);
      const lost = [...wanted].filter((id) => !read.has(id));
      if (lost.length > 0)
        throw new Error(
          `round ${round}: ${lost.join(', ')} lost of ${JSON.stringify(bytes.toString('latin1'))}`,
        );
      const { records: newest, total } = await new NewestRecords(file, 1000, () => true).read();
      if (total !== read.size || newest.length !== read.size)
        throw new Error(`round ${round}: the view has ${total} stores and the journal ${read.size}`);
      count.whole += wanted.size;
      count.damaged += records.length + 1 - wanted.size;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return count;
}
