import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LintReport } from '../../protocol/lint';
import { linesOf, newFilePatch, withoutTabs } from '../../test/support/quotedPatch';

const program = path.resolve('dist/server/ism-lint.js');
const fixtures = path.resolve('server/rules/fixtures');
const bad = readFileSync(path.join(fixtures, 'region-info-unknown-index/found/default-return.c'), 'utf8');
const good = readFileSync(
  path.join(fixtures, 'region-info-unknown-index/silent/delegates-in-default.c'),
  'utf8',
);
const rule = 'region-info-unknown-index';
const file = 'drivers/vfio/pci/foo/main.c';

/** A diff of one hunk with three lines of context, from a text to one in which a part is replaced. */
function change(name: string, text: string, from: string, to: string): string {
  const at = text.indexOf(from);
  assert.ok(at >= 0 && from.endsWith('\n') && (at === 0 || text[at - 1] === '\n'), from);
  const before = linesOf(text.slice(0, at));
  const after = linesOf(text.slice(at + from.length));
  const [head, tail] = [before.slice(-3), after.slice(0, 3)];
  const [removed, added] = [from, to].map((part) => (part === '' ? [] : linesOf(part)));
  const start = before.length - head.length + 1;
  const around = head.length + tail.length;
  return [
    `diff --git a/${name} b/${name}`,
    `--- a/${name}`,
    `+++ b/${name}`,
    `@@ -${start},${around + (removed?.length ?? 0)} +${start},${around + (added?.length ?? 0)} @@`,
    ...head.map((line) => ` ${line}`),
    ...(removed ?? []).map((line) => `-${line}`),
    ...(added ?? []).map((line) => `+${line}`),
    ...tail.map((line) => ` ${line}`),
    '',
  ].join('\n');
}

const mail = (subject: string, body: string): string =>
  `From 0123456789 Mon Sep 17 00:00:00 2001\nFrom: A Developer <a@example.org>\nDate: Mon, 1 Jun 2026 10:00:00 +0200\nSubject: ${subject}\n\n${body}\n`;

const delegation = '\t\treturn vfio_pci_ioctl_get_region_info(core_vdev, info, caps);\n';
const refusal = '\t\treturn -EINVAL;\n';

describe('ism-lint --patch', function () {
  this.timeout(30_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-patch-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function run(patch: string | Buffer, ...args: string[]): { code: number | null; out: string; err: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--patch', '-', ...args], {
      cwd: folder,
      encoding: 'utf8',
      input: patch,
      maxBuffer: 1 << 28,
    });
    return { code: status, out: stdout, err: stderr };
  }

  function json(patch: string, ...args: string[]): LintReport {
    return JSON.parse(run(patch, '--format', 'json', ...args).out) as LintReport;
  }

  const found = (report: LintReport): string[] =>
    report.findings.map(
      (each) => `${each.rule} ${each.file}:${each.line} ${each.patch?.file}:${each.patch?.line}`,
    );

  function put(name: string, content: string): void {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }

  it('reports in a new file at its line and at that of the patch, in every format', () => {
    const patch = newFilePatch(file, bad);
    assert.deepEqual(found(json(patch)), [`${rule} ${file}:24 stdin:30`]);
    assert.equal(run(patch).code, 1);
    assert.match(run(patch).out, new RegExp(`^${file}:24:2 \\(stdin:30\\): warning: `));
    assert.match(run(patch, '--format', 'gcc').out, /:24:2: warning: .* \(stdin:30\)\n$/);
    const sarif = JSON.parse(run(patch, '--format', 'sarif').out) as {
      runs: { results: { relatedLocations: { message: { text: string } }[] }[] }[];
    };
    assert.equal(sarif.runs[0]?.results[0]?.relatedLocations.at(-1)?.message.text, 'The line of the patch.');
  });

  it('says nothing of a right patch', () => {
    const { code, out } = run(newFilePatch(file, good));
    assert.equal(code, 0);
    assert.equal(out, '0 findings in 1 file.\n');
  });

  it('applies to a tree, also elsewhere and with context that has changed, and leaves the tree alone', () => {
    for (const text of [
      good,
      `${'\n'.repeat(20)}${good}`,
      good.replace('\treturn 0;\n}\n', '\treturn 0; /* ok */\n}\n'),
    ]) {
      put(file, text);
      const report = json(change(file, good, delegation, refusal), '--tree', '.');
      assert.deepEqual(report.skipped, []);
      assert.equal(report.findings.length, 1);
      assert.equal(report.findings[0]?.rule, rule);
      assert.equal(readFileSync(path.join(folder, file), 'utf8'), text);
    }
  });

  it('knows a mistake that was there before the patch, and one that a removed check leaves', () => {
    put(file, bad);
    const other = change(
      file,
      bad,
      '#include <linux/vfio_pci_core.h>\n',
      '#include <linux/vfio_pci_core.h>\n#include <linux/io.h>\n',
    );
    assert.deepEqual(json(other, '--tree', '.').findings, []);
    const user = 'tools/t.c';
    const text =
      '#include <stdio.h>\n#include <sys/ioctl.h>\n#include <linux/vfio.h>\n\nint info(int device)\n{\n' +
      '\tstruct vfio_region_info region = { 0 };\n\n\tregion.argsz = sizeof(region);\n\tregion.index = 0;\n\n' +
      '\tif (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &region))\n\t\treturn -1;\n\treturn 0;\n}\n';
    put(user, text);
    const patch = change(user, text, '\tregion.argsz = sizeof(region);\n', '');
    // The finding is about the ioctl, which the patch does not touch; the diff alone does not show the whole function.
    assert.deepEqual(found(json(patch, '--tree', '.')), [`region-info-argsz ${user}:11 stdin:11`]);
    assert.deepEqual(json(patch).findings, []);
  });

  it('says which hunk does not apply, and looks at what the patch shows', () => {
    put(file, 'int vfio;\n');
    const report = json(change(file, good, delegation, refusal), '--tree', '.');
    assert.equal(report.skipped.length, 1);
    assert.match(report.skipped[0]?.reason ?? '', /^Hunk 1 of 1 \(line 4\) does not apply/);
  });

  it('reports in the patch of a series that makes the mistake, though a later one mends it', () => {
    const series =
      mail('[PATCH 1/3] add', newFilePatch(file, good)) +
      mail('[PATCH 2/3] break', change(file, good, delegation, refusal)) +
      mail('[PATCH 3/3] mend', change(file, good.replace(delegation, refusal), refusal, delegation));
    const [finding, ...more] = json(series).findings;
    assert.deepEqual(more, []);
    assert.equal(finding?.rule, rule);
    const { out } = run(series, '--reply');
    assert.match(out, /^On Mon, 1 Jun 2026 10:00:00 \+0200, A Developer <a@example.org> wrote:\n/);
  });

  it('answers as a mailing list wants it', () => {
    const { code, out, err } = run(mail('[PATCH] foo', newFilePatch(file, bad)), '--reply');
    assert.equal(code, 1);
    assert.equal(err, '');
    const lines = out.split('\n');
    assert.ok(lines.every((line) => line.startsWith('>') || line.length <= 72));
    assert.deepEqual(
      lines.filter((line) => line.startsWith('>')),
      [
        `> +++ b/${file}`,
        '> [...]',
        '> +static int foo_region_info(struct vfio_device *core_vdev,',
        '> [...]',
        '> +\tdefault: // expect: region-info-unknown-index "default:"',
        '> +\t\treturn -EINVAL;',
      ],
    );
    assert.match(out, /\n\[region-info-unknown-index\]\n/);
    const nothing = run(newFilePatch(file, good), '--reply');
    assert.equal(nothing.out, '');
    assert.match(nothing.err, /^ism-lint: No findings/);
    assert.equal(nothing.code, 0);
  });

  /** The handler alone, as a review quotes it. */
  const handler = linesOf(bad).slice(
    linesOf(bad).findIndex((line) => line.startsWith('static int foo_region_info')),
    linesOf(bad).indexOf(
      '}',
      linesOf(bad).findIndex((line) => line.startsWith('static int foo_region_info')),
    ) + 1,
  );
  const coreHandler = handler
    .map((line) =>
      line.replace(
        /struct pci_dev \*pdev = .*/,
        'struct vfio_pci_core_device *vdev =\n\t\tcontainer_of(core_vdev, struct vfio_pci_core_device, vdev);\n\tstruct pci_dev *pdev = vdev->pdev;',
      ),
    )
    .join('\n')
    .split('\n');

  for (const [name, write] of Object.entries<(line: string) => string>({
    'as it is': (line) => `> +${line}`,
    'spaces for tabs': (line) => `> ${withoutTabs(`+${line}`)}`,
    'a space behind the sign, spaces for tabs': (line) => `> + ${withoutTabs(line)}`,
    'quoted twice': (line) => `> > + ${line}`,
  }))
    it(`finds a handler in a review that quotes nothing but it: ${name}`, () => {
      const quote = coreHandler.map((line) => write(line).trimEnd());
      const review = (lines: readonly string[]): string =>
        `From: R <r@example.org>\nSubject: Re: x\n\nHi,\n\n> [...]\n${lines.join('\n')}\n> [...]\n\nThanks\n`;
      const at = quote.findIndex((line) => line.includes('default:'));
      assert.deepEqual(
        json(review(quote)).findings.map((finding) => finding.rule),
        [rule],
      );
      // A remark below the refusal hides nothing that matters, one above it may.
      const below = [...quote.slice(0, at + 2), '', 'Really?', '', ...quote.slice(at + 2)];
      assert.equal(json(review(below)).findings.length, 1);
      const cut = [...quote.slice(0, at - 3), '[...]', ...quote.slice(at)];
      assert.deepEqual(json(review(cut)).findings, []);
      const inside = [...quote.slice(0, at + 1), 'Hm.', 'Well.', ...quote.slice(at + 1)];
      assert.deepEqual(json(review(inside)).findings, []);
    });

  it('reports once what a mail and its quotation show', () => {
    const patch = newFilePatch(file, bad);
    const quote = linesOf(patch)
      .map((line) => `> ${line}`)
      .join('\n');
    assert.equal(json(mail('[PATCH] x', patch) + mail('Re: [PATCH] x', quote)).findings.length, 1);
  });

  it('never leaves the tree', () => {
    const outside = mkdtempSync(path.join(tmpdir(), 'ism-outside-'));
    try {
      writeFileSync(path.join(outside, 'main.c'), good);
      symlinkSync(outside, path.join(folder, 'link'));
      const name = path.basename(outside);
      for (const target of [
        `../${name}/main.c`,
        path.join(outside, 'main.c'),
        'a/../../x.c',
        'link/main.c',
      ]) {
        const report = json(change(target, good, delegation, refusal), '--tree', '.');
        assert.equal(report.skipped.length, 1, target);
        assert.match(report.skipped[0]?.reason ?? '', /leads out of the tree|does not contain it/);
      }
      assert.equal(readFileSync(path.join(outside, 'main.c'), 'utf8'), good);
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  });

  it('follows renames, new and deleted files', () => {
    put('d/old.c', good);
    const rename = `diff --git a/d/old.c b/d/new.c\nrename from d/old.c\nrename to d/new.c\n${change(
      'd/x.c',
      good,
      delegation,
      refusal,
    )
      .replace(/^diff.*\n/, '')
      .replace('a/d/x.c', 'a/d/old.c')
      .replace('b/d/x.c', 'b/d/new.c')}`;
    assert.deepEqual(
      json(rename, '--tree', '.').findings.map((finding) => finding.file),
      ['d/new.c'],
    );
    const gone = `diff --git a/d/old.c b/d/old.c\ndeleted file mode 100644\n--- a/d/old.c\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-int a;\n`;
    assert.deepEqual(json(gone, '--tree', '.').findings, []);
  });

  it('says what it does not support', () => {
    const merge = 'diff --cc x.c\nindex 1,2..3\n--- a/x.c\n+++ b/x.c\n@@@ -1,1 -1,1 +1,2 @@@\n++int a;\n';
    assert.match(json(merge).skipped[0]?.reason ?? '', /combined diff/);
    const binary = 'diff --git a/x.c b/x.c\nindex 1..2 100644\nGIT binary patch\nliteral 3\nabc\n';
    assert.match(json(binary).skipped[0]?.reason ?? '', /binary/);
  });

  const mistakes: [args: string[], sentence: RegExp][] = [
    [['x.c'], /^ism-lint: --patch takes no other files: [^\n]+\n$/],
    [['--fix'], /^ism-lint: --fix does not change a patch\. [^\n]+\n$/],
    [['--tree', 'nowhere'], /^ism-lint: nowhere is not a folder\. [^\n]+\n$/],
    [[], /^ism-lint: stdin contains no patch\. [^\n]+\n$/],
  ];
  for (const [args, sentence] of mistakes)
    it(`could not run: ${args.join(' ') || 'no patch'}`, () => {
      const { code, out, err } = run('Hello,\n\n- one\n+ two\n', ...args);
      assert.equal(code, 2);
      assert.equal(out, '');
      assert.match(err, sentence);
    });

  it('does not read without end', () => {
    const { code, err } = run(Buffer.alloc(9 * 1024 * 1024, '+'));
    assert.equal(code, 2);
    assert.match(err, /larger than 8 MiB/);
  });
});
