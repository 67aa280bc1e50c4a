/** The VSIX is the same, byte by byte, whenever and wherever it is packed. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packVsix } from '../../packaging/packageExtension';

describe('the VSIX', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ism-vsix-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A small extension, whose files have a mode and a date. */
  function extension(name: string, mode: number, date: Date, order: readonly string[]): string {
    const root = path.join(folder, name);
    mkdirSync(path.join(root, 'dist'), { recursive: true });
    const description = JSON.parse(readFileSync('package.json', 'utf8')) as object;
    const files: Record<string, string> = {
      'package.json': JSON.stringify({ ...description, main: 'dist/b.js', icon: undefined, contributes: {} }),
      '.vscodeignore': '**\n!dist/*.js\n!package.json\n!README.md\n!LICENSE\n',
      'README.md': '# Small\n',
      'dist/a.js': '1;\n',
      'dist/b.js': '2;\n',
    };
    for (const each of order) writeFileSync(path.join(root, each), files[each] ?? '');
    copyFileSync('LICENSE', path.join(root, 'LICENSE'));
    copyFileSync('package.nls.json', path.join(root, 'package.nls.json'));
    for (const each of order) {
      chmodSync(path.join(root, each), mode);
      utimesSync(path.join(root, each), date, date);
    }
    return root;
  }

  it('has the same bytes with other dates, modes and time zones', async () => {
    const order = ['package.json', '.vscodeignore', 'README.md', 'dist/a.js', 'dist/b.js'];
    const zone = process.env['TZ'];
    const made: Buffer[] = [];
    try {
      for (const [TZ, mode, year, names] of [
        ['Asia/Tokyo', 0o600, 2001, order],
        ['America/New_York', 0o775, 2026, [...order].reverse()],
      ] as const) {
        process.env['TZ'] = TZ;
        const root = extension(`from-${year}`, mode, new Date(Date.UTC(year, 5, 1)), names);
        const vsix = path.join(folder, `${year}.vsix`);
        await packVsix(root, vsix);
        assert.equal(process.env['TZ'], TZ);
        made.push(readFileSync(vsix));
      }
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
    assert.equal(made[0]?.equals(made[1] ?? Buffer.alloc(0)), true);
  });
});
