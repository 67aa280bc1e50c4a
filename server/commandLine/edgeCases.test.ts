/** What people do to ism-lint that nobody means to do: odd files, odd folders, odd words. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { LintFolder } from '../../test/support/lintRun';

const bad = readFileSync('server/rules/fixtures/region-info-unknown-index/found/default-return.c', 'utf8');
const finding = /x\.c:24:2: warning/;

describe('ism-lint in edge cases', function () {
  this.timeout(20_000);
  let own: LintFolder;
  beforeEach(() => {
    own = new LintFolder();
    own.put('x.c', bad);
  });
  afterEach(() => own.remove());
  const at = (name: string): string => path.join(own.path, name);

  it('searches a folder in which a link leads to itself or nowhere', () => {
    symlinkSync('self', at('self'));
    symlinkSync('nothing', at('gone.c'));
    const { code, out, err } = own.run('.');
    assert.equal(code, 1);
    assert.match(out, finding);
    assert.match(out, /gone\.c: skipped: It cannot be read: it no longer exists\.\n/);
    assert.equal(err, '');
    assert.match(
      own.run('self').err,
      /^ism-lint: self cannot be reached: its symbolic links form a loop\.\n$/,
    );
  });

  it('does not wait for a pipe that nobody writes to', () => {
    spawnSync('mkfifo', [at('pipe.c')]);
    const { code, err } = own.run('pipe.c');
    assert.equal(code, 2);
    assert.match(err, /pipe\.c could not be linted\. It is not a regular file\.\n$/);
  });

  const names: [string[], RegExp][] = [
    [[''], /^ism-lint: '' does not exist\.\n$/],
    [['-'], /Only --patch reads standard input/],
    [['x.c/y.c'], /^ism-lint: x\.c\/y\.c does not exist\.\n$/],
    [['--rule', 'region-info-unknow', 'x.c'], /Did you mean 'region-info-unknown-index'\?/],
    [['--explain', 'region_info_unknown_index'], /Did you mean 'region-info-unknown-index'\?/],
    [['--config', '.', 'x.c'], /^\.:1:1: error: The configuration cannot be read: it is a folder\.\n$/],
    [['--config', 'c.json', '--no-config', 'x.c'], /either --config or --no-config/],
    [['--statistics', '--format', 'json', 'x.c'], /combine it with --format/],
    [['--patch', 'x.diff', '--reply', '--format', 'json'], /combine it with --format/],
  ];
  for (const [args, sentence] of names)
    it(`says in one line what is wrong with ${args.join(' ') || 'an empty name'}`, () => {
      const { code, out, err } = own.run(...args);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, sentence);
      assert.equal(err.split('\n').length, 2);
    });

  it('lints nothing where the nearest configuration cannot be read, rather than with another one', () => {
    const refused = (reason: RegExp): void => {
      const { code, out, err } = own.run('x.c');
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, reason);
    };
    mkdirSync(at('d'));
    own.put('d/x.c', bad);
    symlinkSync('nothing', at('.ism-lint.json'));
    refused(
      /^\.ism-lint\.json:1:1: error: The configuration cannot be read: its symbolic link leads nowhere\.\n$/,
    );
    mkdirSync(at('d/.ism-lint.json'));
    assert.match(own.run('d/x.c').err, /^d\/\.ism-lint\.json:1:1: error: .*: it is a folder\.\n$/);
  });

  it('says that a configuration excludes everything', () => {
    own.put('.ism-lint.json', '{ "exclude": ["*.c"] }');
    const { code, err } = own.run('.');
    assert.equal(code, 2);
    assert.match(err, /^ism-lint: The configuration excludes the only C file in the given paths\.\n$/);
  });

  it('tells of files that were not looked at where the report has no place for it', () => {
    own.put('latin.c', Buffer.from('/* M\xfcller */ int vfio;\n', 'latin1'));
    for (const form of [['--format', 'gcc'], ['--statistics']]) {
      const { code, err } = own.run(...form, '.');
      assert.equal(code, 1);
      assert.match(
        err,
        /^ism-lint: latin\.c: skipped: It is not valid UTF-8 \(line 1\)\. Convert it first\.\n$/,
      );
    }
  });

  it('ends with 2 when its report cannot be written', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [path.resolve('dist/server/ism-lint.js'), 'x.c'], {
      cwd: own.path,
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    assert.equal(status, 2);
    assert.equal(stderr, 'ism-lint: The report cannot be written: no space left on the device.\n');
  });

  it('gives the lines of a fix the ends that the lines of the file have', () => {
    own.put('x.c', bad.replace(/\n/g, '\r\n'));
    assert.match(own.run('--fix', 'x.c').err, /fixed 1 of 1 finding in 1 file\n/);
    const text = readFileSync(at('x.c'), 'utf8');
    assert.match(text, /vfio_pci_ioctl_get_region_info\(core_vdev/);
    assert.doesNotMatch(text, /[^\r]\n/);
  });

  it('shows the part of a very long line that a finding is in', () => {
    own.put('x.c', bad.replace('\tdefault:', `/* ${'x'.repeat(100_000)} */ default:`));
    const { out } = own.run('x.c');
    assert.match(out, /x\.c:24:100008: warning/);
    const [source, marks] = out.split('\n').slice(1, 3);
    assert.ok((source ?? '').length < 500);
    assert.equal((source ?? '').indexOf('default:'), (marks ?? '').indexOf('^'));
  });

  const suppressions: [string, RegExp][] = [
    ['ism-lint-ignore: because', /names no rule and suppresses nothing/],
    ['ism-lint-ignore', /names no rule and suppresses nothing/],
    ['ism-lint-ignore * : because', /names no rule and suppresses nothing/],
    ['ism-lint-ignore region-info-unknow: because', /Did you mean 'region-info-unknown-index'\?/],
  ];
  for (const [comment, message] of suppressions)
    it(`says what is wrong with the comment ${comment}`, () => {
      own.put('x.c', bad.replace('\tdefault:', `/* ${comment} */ default:`));
      const { out } = own.run('--format', 'gcc', 'x.c');
      assert.equal(out.match(/\[unknown-suppression\]/g)?.length, 1);
      assert.match(out, message);
      assert.match(out, /\[region-info-unknown-index\]/);
    });
});
