import assert from 'node:assert/strict';
import { isWholeFile, type FilePatch } from './filePatch';
import { readMailbox } from './mailbox';
import { readPatch } from './readPatch';

const read = (text: string): FilePatch[] =>
  readMailbox(Buffer.from(text, 'utf8').toString('latin1')).flatMap(readPatch);

const shape = (file: FilePatch | undefined): string[] =>
  file?.hunks.flatMap(({ lines }) => lines.map(({ kind, text, raw }) => `${raw} ${kind} ${text}`)) ?? [];

const diff = `diff --git a/d/x.c b/d/x.c
index 1234567..89abcde 100644
--- a/d/x.c
+++ b/d/x.c
@@ -10,3 +10,4 @@ int f(void)
 	one();
-	two();
+	three();
+	four();
 	five();
`;

const added = (lines: readonly string[]): string =>
  `diff --git a/n.c b/n.c\nnew file mode 100644\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`;

describe('reading patches', () => {
  it('reads a git diff with the line of each line', () => {
    const [file] = read(diff);
    assert.equal(file?.newPath, 'd/x.c');
    assert.deepEqual(shape(file), [
      '6 context \tone();',
      '7 removed \ttwo();',
      '8 added \tthree();',
      '9 added \tfour();',
      '10 context \tfive();',
    ]);
    assert.equal(file?.hunks[0]?.exact, true);
    assert.equal(file?.hunks[0]?.newStart, 10);
  });

  it('reads a file of git format-patch, and not its signature', () => {
    const mail = `From 0123456789 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\nDate: Mon, 1 Jun 2026 10:00:00 +0200\nSubject: [PATCH] =?UTF-8?q?gr=C3=BC=C3=9Fe?=\n\nText.\n---\n d/x.c | 3 ++-\n\n${diff}-- \n2.47.3\n`;
    const [message] = readMailbox(Buffer.from(mail).toString('latin1'));
    assert.equal(message?.subject, '[PATCH] grüße');
    const [file, ...more] = message ? readPatch(message) : [];
    assert.equal(more.length, 0);
    assert.equal(shape(file).length, 5);
    assert.equal(shape(file)[0], '15 context \tone();');
  });

  it('reads every mail of an mbox, and prose that begins with From is prose', () => {
    const mail = (subject: string): string =>
      `From a@example.org Mon Jun  1 10:00:00 2026\nFrom: A <a@example.org>\nSubject: ${subject}\n\nFrom here on it works since 2026\n\n${diff}\n`;
    const messages = readMailbox(mail('one') + mail('two'));
    assert.deepEqual(
      messages.map(({ subject }) => subject),
      ['one', 'two'],
    );
    assert.deepEqual(
      messages.flatMap(readPatch).map(({ raw }) => raw),
      [7, 24],
    );
  });

  it('decodes quoted-printable and base64, and keeps the lines of the file', () => {
    const text = added(['int a = 1;', 'int verylong = 2;', '/* ü */']);
    const qp = Buffer.from(text, 'utf8')
      .toString('latin1')
      .replace(/[=\x80-\xff]/g, (sign) => `=${sign.charCodeAt(0).toString(16).toUpperCase()}`)
      .replace('verylong', 'very=\nlong');
    const head = 'From: a@example.org\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: ';
    const [first] = readMailbox(`${head}quoted-printable\n\n${qp}`).flatMap(readPatch);
    assert.deepEqual(shape(first), ['10 added int a = 1;', '11 added int verylong = 2;', '13 added /* ü */']);
    const code = Buffer.from(text, 'utf8').toString('base64').replace(/.{40}/g, '$&\n');
    const [second] = readMailbox(`${head}base64\n\n${code}\n`).flatMap(readPatch);
    assert.deepEqual(
      second?.hunks[0]?.lines.map((line) => line.text),
      ['int a = 1;', 'int verylong = 2;', '/* ü */'],
    );
    assert.ok((second?.hunks[0]?.lines[2]?.raw ?? 0) > 5);
  });

  it('reads an attached patch of a mail in parts', () => {
    const mail = `From: a@example.org\nContent-Type: multipart/mixed; boundary="xx"\n\n--xx\nContent-Type: text/plain\n\nSee below.\n--xx\nContent-Type: text/x-patch; name=p\n\n${diff}--xx--\n`;
    assert.equal(shape(read(mail)[0]).length, 5);
  });

  it('reads lines with CRLF', () => {
    assert.deepEqual(shape(read(diff.replace(/\n/g, '\r\n'))[0]), shape(read(diff)[0]));
  });

  it('puts the lines of format=flowed together', () => {
    const mail = `From: a@example.org\nContent-Type: text/plain; format=flowed\n\n${added(['int a(int b, ', 'int c);']).replace(/^ /gm, '  ')}`;
    const flowed = mail
      .replace('+int a(int b, \n+int c);', '+int a(int b, \nint c);')
      .replace('+1,2', '+1,1');
    assert.deepEqual(shape(read(flowed)[0]), ['9 added int a(int b, int c);']);
  });

  for (const [name, quote] of Object.entries({ plain: '> ', tight: '>', twice: '> > ', mixed: '>> ' }))
    it(`reads a quotation: ${name}`, () => {
      const mail = `From: a@example.org\nSubject: Re: x\n\nHello,\n\n${added(['int a;', '', '\tint b;'])
        .split('\n')
        .map((line) => (quote + line).trimEnd())
        .join('\n')}\n\nBye\n`;
      const [file] = read(mail);
      assert.ok(file && isWholeFile(file) && file.quoted);
      assert.deepEqual(
        file.hunks[0]?.lines.map(({ text }) => text),
        ['int a;', '', '\tint b;'],
      );
    });

  it('knows that prose hides nothing where all lines are there, and that it may elsewhere', () => {
    const quotedLines = added(['int a;', 'int b;', 'int c;']).split('\n').slice(0, -1);
    const mail = (lines: readonly string[]): string =>
      `From: a@example.org\n\n${lines.map((line) => (line.startsWith('Why') ? line : `> ${line}`)).join('\n')}\n`;
    const whole = [...quotedLines.slice(0, 6), 'Why?', ...quotedLines.slice(6)];
    assert.ok(isWholeFile(read(mail(whole))[0] as FilePatch));
    const [file] = read(mail([...quotedLines.slice(0, 6), 'Why?', ...quotedLines.slice(7)]));
    assert.deepEqual(
      file?.hunks[0]?.lines.map(({ kind }) => kind),
      ['added', 'seam', 'added'],
    );
  });

  for (const mark of ['[...]', '[snip]', '--- snip ---', '...', '<snip>', '[trimmed]', '[ 20 lines cut ]'])
    it(`knows that lines were cut out: ${mark}`, () => {
      for (const quote of ['', '> ']) {
        const [file] = read(
          `From: a@example.org\n\n> +int a;\n> +int b;\n> +int c;\n${quote}${mark}\n> +int d;\n`,
        );
        assert.deepEqual(
          file?.hunks[0]?.lines.map(({ kind }) => kind),
          ['added', 'added', 'added', 'gap', 'added'],
        );
      }
    });

  it('does not take C for such a mark', () => {
    const [file] = read('From: a@example.org\n\n> +\tgoto skip;\n> +skip:\n> +\treturn 0;\n');
    assert.equal(file?.hunks[0]?.lines.length, 3);
  });

  it('puts lines together that a mailer broke', () => {
    const long = 'static int a_function_with_a_long_name(struct vfio_device *vdev, int x)';
    const [at, rest] = [long.slice(0, 64), long.slice(64)];
    for (const quote of ['> ', '']) {
      const mail = `From: a@example.org\n\n> @@ -0,0 +1,2 @@\n> +${at.trimEnd()}\n${quote}${rest.trim()}\n> +{\n`;
      assert.equal(read(mail)[0]?.hunks[0]?.lines[0]?.text, long);
      assert.equal(read(mail)[0]?.hunks[0]?.exact, true);
    }
  });

  it('knows new, deleted, renamed, empty, binary and combined ones', () => {
    const files = read(
      [
        'diff --git a/gone.c b/gone.c\ndeleted file mode 100644\n--- a/gone.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int a;\n\\ No newline at end of file',
        'diff --git a/old.c b/new.c\nsimilarity index 100%\nrename from old.c\nrename to new.c',
        'diff --git a/mode.c b/mode.c\nold mode 100644\nnew mode 100755',
        'diff --git a/bin.c b/bin.c\nindex 1..2 100644\nGIT binary patch\nliteral 3\nabc',
        'diff --cc merge.c\nindex 1,2..3\n--- a/merge.c\n+++ b/merge.c\n@@@ -1,1 -1,1 +1,2 @@@\n++int a;',
      ].join('\n'),
    );
    assert.deepEqual(
      files.map(({ change, oldPath, newPath }) => `${change} ${oldPath} ${newPath}`),
      [
        'deleted gone.c undefined',
        'modified old.c new.c',
        'modified mode.c mode.c',
        'modified bin.c bin.c',
        'modified merge.c merge.c',
      ],
    );
    assert.match(files[3]?.unsupported ?? '', /binary/);
    assert.match(files[4]?.unsupported ?? '', /combined diff/);
  });

  it('finds nothing in prose, however it looks', () => {
    for (const text of ['', 'hello\n', '- one\n+ two\n', 'diff\n@@\n+++\n', '> quoted\n> prose\n', '\0\x01'])
      assert.deepEqual(read(text), []);
  });

  it('takes time in proportion to the size of what it is given', () => {
    const started = Date.now();
    for (const unit of [
      '> +x\n',
      '@@ -1 +1 @@\n',
      '+++ a\n--- b\n',
      '> '.repeat(1000),
      '=?a?q?',
      'From a 2026\nA: b\n',
    ])
      read(unit.repeat(Math.ceil(1_000_000 / unit.length)));
    assert.ok(Date.now() - started < 15_000);
  });

  it('reads a hunk that has more lines than its header says, and not the prose behind it', () => {
    const edited = diff.replace('-10,3 +10,4', '-10,2 +10,2');
    assert.deepEqual(shape(read(edited)[0]), shape(read(diff)[0]).slice(0, 4));
    const [file] = read(`${edited}+	six();\n-- \n2.47.3\n`);
    assert.deepEqual(shape(file).slice(3), [
      '9 added \tfour();',
      '10 context \tfive();',
      '11 added \tsix();',
    ]);
    assert.equal(file?.hunks[0]?.exact, false);
    const [told] = read(`${diff}\n+1 from me.\n- really\n`);
    assert.deepEqual([shape(told).length, told?.hunks[0]?.exact], [5, true]);
  });

  for (const header of ['@@ @@', '@@ ... @@ int f(void)', '@@ -1,2 +99999999999,3 @@'])
    it(`reads a hunk whose header is ${header}`, () => {
      const [file] = read(diff.replace(/^@@.*$/m, header));
      assert.deepEqual(shape(file).slice(0, 5), shape(read(diff)[0]));
      assert.equal(file?.hunks[0]?.newStart, undefined);
    });

  it('reads a diff with colours', () => {
    const coloured = diff.replace(/^(.+)$/gm, '\x1b[1;32m$1\x1b[m').replace(/\t/, '\t\x1b[K');
    assert.deepEqual(read(coloured), read(diff));
  });

  it('reads names that git quotes', () => {
    const quoted = diff.replace(/ ([ab])\/d\/x\.c/g, ' "$1/d/m\\303\\244 \\"x.c"');
    assert.equal(read(quoted)[0]?.newPath, 'd/mä "x.c');
    const renamed = `diff --git "a/\\303\\244.c" b/b.c\nrename from "\\303\\244.c"\nrename to b.c\n`;
    const [file] = read(renamed);
    assert.deepEqual([file?.oldPath, file?.newPath], ['ä.c', 'b.c']);
  });

  it('takes away what diff -Nru writes before the names of two trees, and knows its new and deleted files', () => {
    const time = (old: boolean): string =>
      old ? '1970-01-01 01:00:00.0 +0100' : '2026-06-01 10:00:00.0 +0200';
    const two = (name: string, isNew: boolean, isGone: boolean): string =>
      `diff -Nru linux.orig/${name} linux/${name}\n--- linux.orig/${name}\t${time(isNew)}\n+++ linux/${name}\t${time(isGone)}\n@@ -1 +1 @@\n-a\n+b\n`;
    const files = read(two('d/x.c', false, false) + two('d/n.c', true, false) + two('d/g.c', false, true));
    assert.deepEqual(
      files.map(({ oldPath, newPath, change }) => [oldPath, newPath, change]),
      [
        ['d/x.c', 'd/x.c', 'modified'],
        [undefined, 'd/n.c', 'new'],
        ['d/g.c', undefined, 'deleted'],
      ],
    );
  });
});
