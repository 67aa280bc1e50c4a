import Ajv from 'ajv-draft-04';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LintFolder } from '../../test/support/lintRun';

const fixture = (rule: string, name: string): string =>
  readFileSync(path.resolve('server/rules/fixtures', rule, name), 'utf8');
const refusing = fixture('region-info-unknown-index', 'found/default-return.c');
const rawReturns = fixture('copy-user-raw-return', 'found/forms.c');

interface Sarif {
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: { readonly rules: readonly { id: string; help: { markdown: string } }[] };
      };
      readonly results: readonly {
        readonly ruleId: string;
        readonly level: string;
        readonly partialFingerprints: Readonly<Record<string, string>>;
      }[];
    },
  ];
}

describe('reports and options of ism-lint', function () {
  // Each test starts a process or two, which a busy machine takes its time for.
  this.timeout(20_000);
  let folder: LintFolder;
  beforeEach(() => (folder = new LintFolder()));
  afterEach(() => folder.remove());

  function sarif(...args: string[]): Sarif {
    const { out } = folder.run('--format', 'sarif', ...args);
    const schema = path.resolve('node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
    // One pattern of the schema is none when it is read as Unicode.
    const ajv = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false });
    const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')) as object);
    const report: unknown = JSON.parse(out);
    assert.ok(validate(report), ajv.errorsText(validate.errors));
    return report as Sarif;
  }

  it('writes SARIF that fits the schema of 2.1.0, with the page of each rule', () => {
    folder.put('a b/ä.c', refusing);
    folder.put('raw.c', rawReturns);
    folder.put('latin.c', Buffer.from([0x76, 0x66, 0x69, 0x6f, 0xe4]));
    const [run] = sarif('.').runs;
    assert.ok(run.results.some(({ ruleId }) => ruleId === 'region-info-unknown-index'));
    assert.ok(
      run.results.some(({ ruleId, level }) => ruleId === 'copy-user-raw-return' && level === 'error'),
    );
    for (const { id, help } of run.tool.driver.rules) assert.match(help.markdown, new RegExp(`^# ${id}\n`));
  });

  it('writes SARIF that fits the schema where there is nothing, and for a patch', () => {
    folder.put('empty.c', '');
    assert.deepEqual(sarif('empty.c').runs[0].results, []);
    const lines = refusing.split('\n').map((line) => `+${line}`);
    folder.put(
      'one.patch',
      `--- /dev/null\n+++ b/drivers/one.c\n@@ -0,0 +1,${lines.length} @@\n${lines.join('\n')}\n`,
    );
    assert.equal(sarif('--patch', 'one.patch').runs[0].results.length, 1);
  });

  it('keeps the fingerprint of a finding when lines above it come and go', () => {
    folder.put('main.c', refusing);
    const [before] = sarif('main.c').runs[0].results;
    folder.put('main.c', `/* one\n * two */\n#include <linux/three.h>\n${refusing}`);
    const [after] = sarif('main.c').runs[0].results;
    assert.ok(before && after);
    assert.deepEqual(after.partialFingerprints, before.partialFingerprints);
  });

  it('writes lines that editors and compilers share', () => {
    folder.put('main.c', refusing);
    assert.match(
      folder.run('--format', 'gcc', 'main.c').out,
      /^main\.c:24:2: warning: .+ \[region-info-unknown-index\]$/m,
    );
  });

  it('counts rule by rule', () => {
    folder.put('main.c', refusing);
    folder.put('raw.c', rawReturns);
    const { out, code } = folder.run('--statistics', '.');
    assert.equal(code, 1);
    assert.match(out, /^ +1 {2}region-info-unknown-index$/m);
    assert.match(out, /^ +[2-9] {2}copy-user-raw-return$/m);
    assert.match(out, /in 2 files$/m);
  });

  it('prints the page of a rule, and one sentence for one that is none', () => {
    assert.match(folder.run('--explain', 'pcistb-length-page').out, /^# pcistb-length-page\n[\s\S]*## Right/);
    const { code, err } = folder.run('--explain', 'pcistb');
    assert.deepEqual(
      [code, err],
      [2, "ism-lint: There is no rule 'pcistb'. --list-rules prints all rules.\n"],
    );
  });

  it('applies safe fixes with --fix, the others only when told to, and nothing else', () => {
    folder.put('main.c', refusing);
    folder.put('raw.c', rawReturns);
    const { err, code } = folder.run('--fix', '.');
    assert.match(err, /fixed \d+ of \d+ findings in \d+ files?/);
    const fixed = readFileSync(path.join(folder.path, 'raw.c'), 'utf8');
    assert.match(fixed, /copy_to_user\([^;]*\) \? -EFAULT : 0;/);
    assert.equal(
      fixed.replaceAll(' ? -EFAULT : 0', '').length,
      rawReturns.replaceAll(' ? -EFAULT : 0', '').length,
    );
    assert.doesNotMatch(folder.run('--statistics', '.').out, /copy-user-raw-return/);
    folder.run('--unsafe-fixes', '.');
    assert.equal(folder.run('.').code, 0);
    assert.ok(code === 0 || code === 1);
  });

  it('obeys the nearest .ism-lint.json, and --config and --no-config', () => {
    folder.put('deep/main.c', refusing);
    folder.put('deep/generated.c', refusing);
    folder.put(
      '.ism-lint.json',
      '{"rules": {"region-info-unknown-index": "error"}, "exclude": ["generated.c"]}',
    );
    assert.match(folder.run('.').out, /deep\/main\.c:24:2: error: /);
    assert.doesNotMatch(folder.run('.').out, /generated/);
    assert.match(folder.run('deep/generated.c').out, /generated\.c:24:2: error: /);
    folder.put('other.json', '{"rules": {"region-info-unknown-index": "off"}}');
    assert.equal(folder.run('--config', 'other.json', '.').code, 0);
    assert.match(folder.run('--no-config', '.').out, /deep\/generated\.c:24:2: warning: /);
    assert.match(
      folder.run('--config', 'nothing.json', '.').err,
      /^ism-lint: nothing\.json does not exist\.\n$/,
    );
  });

  it('runs nothing on a configuration that is wrong, and says where', () => {
    folder.put('main.c', refusing);
    folder.put('.ism-lint.json', '{\n  "rules": {\n    "region-info-unknown-indx": "off"\n  }\n}\n');
    const { code, out, err } = folder.run('main.c');
    assert.deepEqual([code, out], [2, '']);
    assert.equal(
      err,
      `.ism-lint.json:3:5: error: There is no rule 'region-info-unknown-indx'. Did you mean 'region-info-unknown-index'?\n`,
    );
  });

  it('takes a wrapper for what it stands for', () => {
    const wrapped = refusing.replace('return -EINVAL;', 'return ours_region_info(core_vdev, info, caps);');
    folder.put(
      'main.c',
      wrapped.replace(
        '#include',
        'int ours_region_info(struct vfio_device *, struct vfio_region_info *, struct vfio_info_cap *);\n#include',
      ),
    );
    folder.put('raw.c', 'long vfio_f(void *to, void *from)\n{\n\treturn our_copy(to, from, 8);\n}\n');
    assert.equal(folder.run('raw.c').code, 0);
    folder.put(
      '.ism-lint.json',
      '{"wrappers": {"ours_region_info": "vfio_pci_ioctl_get_region_info", "our_copy": "copy_to_user"}}',
    );
    assert.equal(folder.run('main.c').code, 0);
    assert.match(folder.run('raw.c').out, /raw\.c:3:\d+: error: .* \[copy-user-raw-return\]/);
  });

  it('runs a rule that is off by default where the configuration sets it', () => {
    folder.put('m.c', '#define VFIO_OURS(x) (x * 2)\n');
    assert.equal(folder.run('m.c').code, 0);
    folder.put('.ism-lint.json', '{"rules": {"macro-arg-parens": "warning"}}');
    assert.match(folder.run('m.c').out, /m\.c:1:\d+: warning: .* \[macro-arg-parens\]/);
  });
});
