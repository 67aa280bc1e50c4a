import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { quotedReview } from '../../test/support/quotedPatch';
import { lint } from '../lint/run';
import { LineTable } from '../syntax/lineTable';
import { lintPatch, NoPatch } from './lintPatch';

const wasm = path.resolve('dist/server');
const fixtures = path.resolve('server/rules/fixtures');
const cutsPerFile = Number(process.env['ISM_PATCH_CUTS'] ?? 15);

function* sources(folder: string): Generator<string> {
  for (const name of readdirSync(folder).sort()) {
    const full = path.join(folder, name);
    if (statSync(full).isDirectory()) yield* sources(full);
    else if (/\.[ch]$/.test(name)) yield full;
  }
}

describe('fixtures quoted in parts', function () {
  this.timeout(300_000);

  it('give nothing that the whole fixture does not give', async () => {
    const wrong: string[] = [];
    let mails = 0;
    let found = 0;
    for (const [at, full] of [...sources(fixtures)].entries()) {
      const file = path.relative(fixtures, full);
      const text = readFileSync(full, 'utf8');
      const whole = await lint([full], wasm);
      const lines = new LineTable(text);
      const expected = new Set(
        whole.findings.map(({ rule, start }) => `${rule} ${lines.position(start).line + 1}`),
      );
      for (let cut = 0; cut < cutsPerFile; cut++) {
        const seed = 500_000 + at * 1000 + cut;
        const { mail, lineOf } = quotedReview(file, text, seed);
        const bytes = Buffer.from(mail, 'utf8').toString('latin1');
        // Nobody can know of a comment that silences a rule when it is cut out.
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
