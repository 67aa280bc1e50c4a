import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { lint } from '../../../server/commandLine/lintFiles';
import { lintPatch, NoPatch } from '../../../server/patch/lintPatch';
import { LineTable } from '../../../server/syntax/lineTable';
import { changingPatch, linesOf, newFilePatch, quotedReview, withoutTabs } from '../../support/quotedPatch';

const wasm = path.resolve('dist/server');

/** Mails for each driver; every one has its own cuts. */
const mailsPerFile = Number(process.env['ISM_PATCH_CUTS'] ?? 12);

function linux(): string {
  const folder = process.env['ISM_LINUX_SOURCE'];
  assert.ok(folder, 'ISM_LINUX_SOURCE must name a folder with the Linux source.');
  return folder;
}

function* sources(folder: string): Generator<string> {
  for (const name of readdirSync(folder).sort()) {
    const full = path.join(folder, name);
    if (statSync(full).isDirectory()) yield* sources(full);
    else if (/\.[ch]$/.test(name)) yield full;
  }
}

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('patches made of the real drivers', function () {
  this.timeout(600_000);
  const files = (): string[] =>
    ['drivers/vfio', 'samples/vfio-mdev', 'drivers/s390/crypto', 'drivers/s390/cio', 'drivers/s390/net']
      .flatMap((tree) => [...sources(path.join(linux(), tree))])
      .filter((file) => /vfio|zpci/.test(readFileSync(file, 'utf8')));
  /** What is right to find, as `rule file:line`. */
  const expected = new Set<string>();
  before(async () => {
    const result = await lint(files(), wasm);
    for (const { rule, path: file, start } of result.findings) {
      const line = new LineTable(readFileSync(file, 'utf8')).position(start).line + 1;
      expected.add(`${rule} ${path.relative(linux(), file)}:${line}`);
    }
    assert.ok(expected.size >= 5);
  });

  /** Lints what is made of every driver, many times, and tells what the driver as a whole does not give. */
  async function compare(make: typeof quotedReview, what: string): Promise<void> {
    const wrong: string[] = [];
    let mails = 0;
    let found = 0;
    for (const [at, full] of files().entries()) {
      const file = path.relative(linux(), full);
      const text = readFileSync(full, 'utf8');
      for (let cut = 0; cut < mailsPerFile; cut++) {
        const seed = at * 1000 + cut;
        const { mail, lineOf } = make(file, text, seed);
        mails++;
        const result = await lintPatch(bytes(mail), 'p', undefined, wasm).catch((error: unknown) => {
          // So little can be left of a short file that nothing tells it from prose.
          if (error instanceof NoPatch) return undefined;
          throw error;
        });
        if (!result) continue;
        for (const { finding, raw } of result.inPatch) {
          const place = `${finding.rule} ${file}:${lineOf.get(raw) ?? 0}`;
          if (expected.has(place)) found++;
          else wrong.push(`${place} (seed ${seed})`);
        }
      }
    }
    console.log(`      ${mails} ${what}, ${found} right findings, ${wrong.length} false alarms`);
    assert.deepEqual(wrong, []);
    assert.ok(found > 0);
  }

  it('a patch that adds a driver gives nothing but what the driver gives', async () => {
    const wrong: string[] = [];
    const right = new Set<string>();
    for (const full of files()) {
      const file = path.relative(linux(), full);
      const result = await lintPatch(
        bytes(newFilePatch(file, readFileSync(full, 'utf8'))),
        'p',
        undefined,
        wasm,
      );
      for (const finding of result.findings) {
        const line = (result.linesOf(finding.path, finding)?.position(finding.start).line ?? -1) + 1;
        const what = `${finding.rule} ${file}:${line}`;
        if (expected.has(what)) right.add(what);
        else wrong.push(what);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(right.size >= 2, [...right].join('\n'));
  });

  it('a review that quotes the ISM driver has its finding, in every form', async () => {
    const file = 'drivers/vfio/pci/ism/main.c';
    const lines = linesOf(readFileSync(path.join(linux(), file), 'utf8'));
    const start = lines.findIndex((line) =>
      line.startsWith('static int ism_vfio_pci_ioctl_get_region_info('),
    );
    const handler = lines.slice(start, lines.indexOf('}', start) + 1);
    const refusal = handler.findIndex((line) => line.includes('-EINVAL'));
    const remark = ['', 'This stops user space that walks all regions.', 'What about the ROM?', ''];
    for (const write of [
      (line: string): string => `> +${line}`,
      (line: string): string => withoutTabs(`> +${line}`),
      (line: string): string => `> + ${withoutTabs(line)}`,
      (line: string): string => `> > + ${withoutTabs(line)}`,
    ])
      for (const [cut, body] of Object.entries({
        handler: handler.map(write),
        remark: [
          ...handler.slice(0, refusal + 1).map(write),
          ...remark,
          ...handler.slice(refusal + 1).map(write),
        ],
        snips: ['> [...]', ...handler.map(write), '--- snip ---', ...lines.slice(-8).map(write)],
        crlf: handler.map((line) => `${write(line)}\r`),
        encoded: handler.map((line) =>
          [write(line).slice(0, 40), write(line).slice(40)]
            .filter((part) => part !== '')
            .map((part) => part.replace(/=/g, '=3D'))
            .join('=\n'),
        ),
      })) {
        const head =
          'From: R <r@example.org>\nDate: Mon, 1 Jun 2026 10:00:00 +0200\nSubject: Re: [PATCH]\n' +
          (cut === 'encoded' ? 'Content-Transfer-Encoding: quoted-printable\n' : '');
        const mail = `${head}\n${body.join('\n')}\n`;
        const result = await lintPatch(bytes(mail), 'mail', undefined, wasm);
        assert.deepEqual(
          result.inPatch.map(({ finding, lines: shown }) => [
            finding.rule,
            shown.lineText(shown.position(finding.start).line).trim(),
          ]),
          [['region-info-unknown-index', 'default:']],
          `${cut}: ${mail}`,
        );
        const raw = result.inPatch[0]?.raw ?? 0;
        assert.match(mail.split('\n')[raw - 1] ?? '', /default:/);
      }
    // The whole driver as it would be sent: what the driver gives, each once.
    const whole = lines.map((line) => `> + ${withoutTabs(line)}`);
    const review = [
      'From: R <r@example.org>',
      '',
      `> +++ b/${file}`,
      `> @@ -0,0 +1,${lines.length} @@`,
      ...whole,
    ];
    const result = await lintPatch(bytes(review.join('\n')), 'mail', undefined, wasm);
    assert.deepEqual(
      result.findings.map(({ rule }) => rule),
      ['region-rw-unknown-index', 'region-info-unknown-index'],
    );
  });

  it('a mail that quotes a driver in parts gives nothing that the driver does not give', () =>
    compare(quotedReview, 'mails'));

  it('a diff that shows parts of a driver gives nothing that the driver does not give', () =>
    compare(changingPatch, 'diffs'));
});
