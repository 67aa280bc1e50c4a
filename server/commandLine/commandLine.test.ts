import assert from 'node:assert/strict';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LintReport } from '../../protocol/lint';
import { LintFolder, type LintRun } from '../../test/support/lintRun';

const fixtures = path.resolve('server/rules/fixtures/region-info-unknown-index');
const bad = path.join(fixtures, 'found/default-return.c');
const good = path.join(fixtures, 'silent/delegates-in-default.c');

describe('ism-lint', function () {
  // Each test starts a process or two, which a busy machine takes its time for.
  this.timeout(20_000);
  let own: LintFolder;
  let folder: string;
  beforeEach(() => {
    own = new LintFolder();
    folder = own.path;
  });
  afterEach(() => own.remove());

  const run = (...args: string[]): LintRun => own.run(...args);

  function json(...args: string[]): { code: number | null; report: LintReport } {
    const { code, out } = run('--format', 'json', ...args);
    return { code, report: JSON.parse(out) as LintReport };
  }

  const put = (name: string, content: string | Buffer): string => own.put(name, content);

  it('ends with 0 where there is nothing to find', () => {
    assert.deepEqual(json(good), { code: 0, report: { version: 1, findings: [], skipped: [] } });
    assert.match(run(good).out, /^0 findings in 1 file\.\n$/);
  });

  it('reports a finding in JSON with exactly the fields of the format', () => {
    const { code, report } = json(bad);
    assert.equal(code, 1);
    const [finding] = report.findings;
    assert.ok(finding);
    assert.match(finding.message, /vfio_pci_ioctl_get_region_info\(\)/);
    assert.deepEqual(report, {
      version: 1,
      findings: [
        {
          rule: 'region-info-unknown-index',
          severity: 'warning',
          file: bad,
          line: 24,
          column: 2,
          endLine: 24,
          endColumn: 10,
          function: 'foo_region_info',
          message: finding.message,
        },
      ],
      skipped: [],
    });
  });

  it('shows the source line, the related places and a summary in text, without colours in a pipe', () => {
    const { code, out } = run(bad);
    assert.equal(code, 1);
    assert.match(out, /default-return\.c:24:2: warning: .* \[region-info-unknown-index\]\n/);
    assert.match(out, /\n {4}24 \| {9}default:.*\n {7}\| {9}\^~~~~~~~\n/);
    assert.match(
      out,
      /default-return\.c:\d+:\d+: foo_ops sets \.get_region_info_caps to foo_region_info\(\)/,
    );
    assert.match(out, /\n1 finding in 1 file\.\n$/);
    assert.ok(!out.includes('\x1b'));
  });

  it('reads the files beside a named file to understand it, and reports only on the named one', () => {
    const regions = path.join(fixtures, 'found/two-files/regions.c');
    assert.equal(json(regions).report.findings.length, 1);
    assert.equal(json(path.join(fixtures, 'found/two-files/main.c')).report.findings.length, 0);
  });

  it('searches folders, in order, each file once, and does not follow links in circles', () => {
    put('b/x.c', 'int a;\n');
    put('a/z.c', Buffer.from('vfio\xff', 'latin1'));
    put('a/w.c', Buffer.from('/* Gr\xfc\xdfe */', 'latin1'));
    put('a/y.h', Buffer.from([0x41, 0x00]));
    put('a/notes.txt', Buffer.from([0xff]));
    symlinkSync('..', path.join(folder, 'a/loop'));
    const { code, report } = json('.', 'a', 'a/z.c');
    assert.equal(code, 0);
    assert.deepEqual(
      report.skipped.map(({ file }) => file),
      ['a/y.h', 'a/z.c'],
    );
    assert.match(run('.').out, /0 findings in 4 files, 2 skipped\.\n$/);
  });

  it('lints a named file whatever its name', () => {
    put('driver.txt', 'int vfio;\n');
    assert.equal(run('driver.txt').code, 0);
  });

  const skips: [name: string, make: (file: string) => void, reason: RegExp][] = [
    [
      'Latin-1',
      (file) => writeFileSync(file, Buffer.from('/* vfio */\n/* Gr\xf6\xdfe */\n', 'latin1')),
      /not valid UTF-8 \(line 2\)/,
    ],
    ['NUL bytes', (file) => writeFileSync(file, 'vfio\0'), /NUL bytes/],
    [
      '20 MB',
      (file) => (writeFileSync(file, 'vfio'), truncateSync(file, 20 * 1024 * 1024)),
      /larger than 2048 KiB/,
    ],
  ];
  for (const [name, make, reason] of skips)
    it(`skips with a reason: ${name}`, () => {
      make(path.join(folder, 'odd.c'));
      put('fine.c', 'int vfio;\n');
      const { code, report } = json('.');
      assert.equal(code, 0);
      assert.equal(report.skipped.length, 1);
      assert.equal(report.skipped[0]?.file, 'odd.c');
      assert.match(report.skipped[0]?.reason ?? '', reason);
      const alone = run('odd.c');
      assert.equal(alone.code, 2);
      assert.match(alone.err, /^ism-lint: odd\.c could not be linted\. [^\n]+\n$/);
    });

  it('says what nests too deeply and goes on', () => {
    const deep = `static int foo_region_info(void *v, void *i) { return ${'('.repeat(5000)}1${')'.repeat(5000)}; }\n`;
    put(
      'deep.c',
      `${deep}static const struct vfio_device_ops o = { .init = vfio_pci_core_init_dev, .release = vfio_pci_core_release_dev, .get_region_info_caps = foo_region_info };\n`,
    );
    const { code, report } = json('deep.c');
    assert.equal(code, 0);
    assert.match(report.skipped[0]?.reason ?? '', /line 1 is skipped: it nests too deeply/);
  });

  it('takes empty files', () => {
    put('empty.c', '');
    assert.equal(run('empty.c').code, 0);
  });

  const mistakes: [args: string[], sentence: RegExp][] = [
    [[], /^ism-lint: Name a file or folder to lint\. --help lists the options\.\n$/],
    [['nowhere.c'], /^ism-lint: nowhere\.c does not exist\.\n$/],
    [['--wrong'], /^ism-lint: Unknown option '--wrong'\.\n$/],
    [['--format', 'yaml', '.'], /^ism-lint: Unknown format 'yaml'\. Use text, json, gcc or sarif\.\n$/],
    [['.'], /^ism-lint: No \.c or \.h files found in the given paths\.\n$/],
  ];
  for (const [args, sentence] of mistakes)
    it(`could not run: ${args.join(' ') || 'no arguments'}`, () => {
      const { code, out, err } = run(...args);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, sentence);
    });

  it('runs a rule that is off by default only when it is asked for, and says why', () => {
    const file = put('macro.c', '#include <linux/vfio.h>\n#define TO_INDEX(off) (off >> 40)\n');
    assert.equal(run(file).code, 0);
    for (const asked of [
      ['--all-rules'],
      ['--rule', 'macro-arg-parens'],
      ['--rule', 'pcistb-length-page,macro-arg-parens'],
    ])
      assert.match(run('--format', 'gcc', ...asked, file).out, /macro-arg-parens/, asked.join(' '));
    assert.match(run('--list-rules').out, /Off by default[^]*\nmacro-arg-parens: /);
  });

  it('runs only the rules that are named', () => {
    assert.equal(run('--rule', 'macro-arg-parens', '--rule', 'pcistb-length-page', bad).code, 0);
    assert.equal(run('--rule', 'region-info-unknown-index', bad).code, 1);
    const { code, err } = run('--rule', 'no-such-rule', bad);
    assert.equal(code, 2);
    assert.match(err, /There is no rule 'no-such-rule'/);
  });

  it('prints its help and version', () => {
    assert.match(run('--help').out, /^Usage: ism-lint/);
    assert.match(run('--version').out, /^\d+\.\d+\.\d+\n$/);
    assert.equal(run('--help').code, 0);
  });
});
