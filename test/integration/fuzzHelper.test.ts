/** A minute of the helper's fuzz target: its corpus, and what libFuzzer makes of it. `npm run fuzz -- helper N` goes on from there. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSetup } from '../../setup/context';
import { fuzzHelper } from '../fuzz/helper';

/** About a minute on two cores. */
const EXECUTIONS = 200_000;

describe("the helper's fuzz target", function () {
  this.timeout(900_000);

  it(`survives its corpus and ${EXECUTIONS} inputs that are made of it`, async () => {
    const kept = mkdtempSync(path.join(tmpdir(), 'ism-fuzz-test-'));
    // A seed of its own for every day, so that not the same inputs are tried for ever; a finding names it.
    const seed = Math.floor(Date.now() / 86_400_000);
    const result = await fuzzHelper(openSetup(), process.cwd(), EXECUTIONS, seed, kept);
    assert.deepEqual(result.findings, [], `seed ${seed}, inputs in ${kept}\n${result.report}`);
    assert.ok(result.executions >= EXECUTIONS, result.report);
    console.log(`      ${result.executions} executions in ${result.seconds.toFixed(0)} s, seed ${seed}`);
    rmSync(kept, { recursive: true });
  });
});
