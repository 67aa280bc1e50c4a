import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { lint } from '../server/lint/run';
import { openSetup } from '../setup/context';
import { linuxSource } from '../setup/linuxSource';

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

const table = JSON.parse(readFileSync('test/realFindings.json', 'utf8')) as readonly RealFinding[];

/** The trees that concern vfio and zPCI, as far as a release has them. */
function targets(folder: string): string[] {
  const in390 = (part: string): string[] =>
    readdirSync(path.join(folder, part))
      .filter((name) => name.startsWith('vfio'))
      .map((name) => path.join(part, name));
  return [
    'drivers/vfio',
    'samples/vfio-mdev',
    'drivers/s390/net',
    'drivers/gpu/drm/i915/gvt/kvmgt.c',
    ...in390('drivers/s390/cio'),
    ...in390('drivers/s390/crypto'),
  ]
    .map((part) => path.join(folder, part))
    .filter((part) => existsSync(part));
}

describe('every finding over the real kernels', function () {
  this.timeout(900_000);

  it('has a verdict and a reason', () => {
    for (const { verdict, reason, file } of table) {
      assert.equal(verdict, 'true', `${file}: a false alarm is not accepted`);
      assert.match(reason, /^\S.*\.$/);
    }
  });

  for (const release of ['6.1', '6.12', '7.2', '7.3'])
    it(`is in the table: Linux ${release}`, async function () {
      const { folder, release: got } = await linuxSource(openSetup(), release);
      // The archive drops releases in time; another one has other findings.
      if (got !== release) this.skip();
      const { findings, skipped } = await lint(targets(folder), wasm);
      assert.deepEqual(skipped, []);
      const found = findings.map(
        (finding) => `${path.relative(folder, finding.path)} ${finding.function} ${finding.rule}`,
      );
      const expected = table
        .filter(({ releases }) => releases.includes(release))
        .flatMap(({ file, function: name, rule, count }) =>
          Array<string>(count).fill(`${file} ${name} ${rule}`),
        );
      assert.deepEqual(found.sort(), expected.sort());
    });
});
