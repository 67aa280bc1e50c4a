import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CParser } from '../syntax/parser';
import { rules } from './rules';
import { fixturesFolder, readFixtures } from './testing/fixture';
import { FixtureFindings } from './testing/pinnedFindings';

const kinds = ['found', 'silent'] as const;
const update = Boolean(process.env['UPDATE_EXPECTED']);

/** Compares a file with its content as it should be; with UPDATE_EXPECTED=1 it is written first. */
function assertPinned(file: string, content: string): void {
  if (update && content) writeFileSync(file, content);
  else if (update) rmSync(file, { force: true });
  const pinned = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const name = path.relative(fixturesFolder, file);
  assert.equal(content, pinned, `${name} is out of date: run \`npm run update-expected\` and read the diff`);
}

describe('rules on their fixtures', () => {
  let parser: CParser;
  before(async () => {
    parser = await CParser.load(path.resolve('dist/server'));
  });

  for (const rule of rules)
    for (const kind of kinds)
      for (const fixture of readFixtures(rule.id, kind))
        it(`${rule.id}: ${kind}: ${fixture.name}`, () => {
          const found = new FixtureFindings(fixture, parser);
          const expected = fixture.files.flatMap(({ path: file, expected: marks }) =>
            marks.map(({ line, text }) => `${path.basename(file)}:${line} ${text}`),
          );
          assert.deepEqual(found.marks().sort(), expected.sort());
          assert.equal(expected.length > 0, kind === 'found', `the fixture is in the folder ${kind}/`);
          const lines = new Set(found.findings.map((finding) => found.lineOf(finding)));
          for (const { path: file, misses } of fixture.files)
            for (const { line } of misses)
              assert.ok(
                !lines.has(`${path.basename(file)}:${line}`),
                `line ${line} is found now: make its \`// miss:\` an \`// expect:\``,
              );
          assertPinned(fixture.expectedFile, found.pinned());
        });

  it('no .expected file is left without its fixture', () => {
    const known = new Set(
      rules.flatMap(({ id }) =>
        kinds.flatMap((kind) => readFixtures(id, kind).map(({ expectedFile }) => expectedFile)),
      ),
    );
    const stale = readdirSync(fixturesFolder, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(fixturesFolder, name))
      .filter((file) => file.endsWith('.expected') && !known.has(file));
    if (update) for (const file of stale) rmSync(file);
    else assert.deepEqual(stale, [], 'run `npm run update-expected`');
  });
});
