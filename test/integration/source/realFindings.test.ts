import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { lint } from '../../../server/commandLine/lintFiles';
import { openSetup } from '../../../setup/context';
import { linuxSource } from '../../../setup/linuxSource';
import { realTrees, releases } from './realTrees';

const wasm = path.resolve('dist/server');

/** What is expected over the real kernels, with the reason why it would be defended on the mailing list. */
interface RealFinding {
  readonly releases: readonly string[];
  readonly file: string;
  readonly function: string;
  readonly rule: string;
  readonly count: number;
  readonly verdict: 'true' | 'false';
  readonly reason: string;
}

const table = JSON.parse(
  readFileSync('test/integration/source/realFindings.json', 'utf8'),
) as readonly RealFinding[];

const known = new Set(table.map(({ file, function: name, rule }) => `${file} ${name} ${rule}`));

describe('every finding over the real kernels', function () {
  this.timeout(900_000);

  it('has a verdict and a reason', () => {
    for (const { verdict, reason, file } of table) {
      assert.equal(verdict, 'true', `${file}: a false alarm is not accepted`);
      assert.match(reason, /^\S.*\.$/);
    }
  });

  for (const release of releases)
    it(`is in the table: Linux ${release}`, async () => {
      const { folder, release: got } = await linuxSource(openSetup(), release);
      const targets = realTrees(folder).flatMap((tree) => tree.targets);
      const { findings, skipped } = await lint(targets, wasm);
      assert.deepEqual(skipped, []);
      const found = findings.map(
        (finding) => `${path.relative(folder, finding.path)} ${finding.function} ${finding.rule}`,
      );
      const expected = table
        .filter(({ releases: judged }) => judged.includes(got))
        .flatMap(({ file, function: name, rule, count }) =>
          Array<string>(count).fill(`${file} ${name} ${rule}`),
        );
      if (releases.some((each) => each === got)) assert.deepEqual(found.sort(), expected.sort());
      // The archive drops releases in time. In one that nobody has judged, only findings that are known may be there.
      else assert.deepEqual(found.filter((each) => !known.has(each)).sort(), []);
    });
});
