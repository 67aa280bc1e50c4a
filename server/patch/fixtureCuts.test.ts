import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { quotedReview } from '../../test/support/quotedPatch';
import { lint } from '../commandLine/lintFiles';
import { allFixtureFiles, fixturesFolder } from '../rules/testing/fixture';
import { LineTable } from '../syntax/lineTable';
import { lintPatch, NoPatch } from './lintPatch';

const wasm = path.resolve('dist/server');
const cutsPerFile = Number(process.env['ISM_PATCH_CUTS'] ?? 15);

describe('fixtures quoted in parts', function () {
  this.timeout(300_000);

  let written: string;
  before(() => {
    written = mkdtempSync(path.join(tmpdir(), 'ism-fixtures-'));
    for (const { path: fixture, text } of allFixtureFiles()) {
      const file = path.join(written, path.relative(fixturesFolder, fixture));
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  });
  after(() => rmSync(written, { recursive: true }));

  it('give nothing that the whole fixture does not give', async () => {
    const wrong: string[] = [];
    let mails = 0;
    let found = 0;
    for (const [at, { path: fixture, text }] of allFixtureFiles().entries()) {
      const file = path.relative(fixturesFolder, fixture);
      const full = path.join(written, file);
      const whole = await lint([full], wasm);
      const lines = new LineTable(text);
      const expected = new Set(
        whole.findings.map(({ rule, start }) => `${rule} ${lines.position(start).line + 1}`),
      );
      for (let cut = 0; cut < cutsPerFile; cut++) {
        const seed = 500_000 + at * 1000 + cut;
        const { mail, lineOf } = quotedReview(file, text, seed);
        const bytes = Buffer.from(mail, 'utf8').toString('latin1');
        // A suppression that is cut out cannot have an effect.
        if (text.includes('ism-lint-ignore') && !mail.includes('ism-lint-ignore')) continue;
        mails++;
        const result = await lintPatch(bytes, 'p', undefined, wasm).catch((error: unknown) => {
          if (error instanceof NoPatch) return undefined;
          throw error;
        });
        for (const { finding, raw } of result?.inPatch ?? []) {
          const what = `${finding.rule} ${lineOf.get(raw) ?? 0}`;
          if (expected.has(what)) found++;
          else wrong.push(`${file}: ${what} (seed ${seed})`);
        }
      }
    }
    console.log(`      ${mails} mails, ${found} right findings, ${wrong.length} false alarms`);
    assert.deepEqual(wrong, []);
    assert.ok(found > 100);
  });
});
