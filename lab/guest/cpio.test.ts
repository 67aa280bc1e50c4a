import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { CpioArchive } from './cpio';

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly user: number;
  readonly content: string;
}

/** Reads the format by its definition, independently of the writer. */
function parse(bytes: Buffer): Entry[] {
  const entries: Entry[] = [];
  const align = (at: number): number => (at + 3) & ~3;
  for (let at = 0; ;) {
    assert.equal(bytes.toString('latin1', at, at + 6), '070701');
    const field = (index: number): number =>
      parseInt(bytes.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const nameEnd = at + 110 + field(11);
    const name = bytes.toString('utf8', at + 110, nameEnd - 1);
    if (name === 'TRAILER!!!') return entries;
    const start = align(nameEnd);
    const content = bytes.toString('utf8', start, start + field(6));
    entries.push({ name, mode: field(1), user: field(2), content });
    at = align(start + field(6));
  }
}

describe('cpio archives', () => {
  it('hold files, links and the folders above them', () => {
    const archive = new CpioArchive();
    archive.file('/etc/ssh/key', 'secret', 0o600);
    archive.link('sbin/init', '../bin/busybox');
    archive.directory('home/dev', 0o755, { user: 1000, group: 1000 });
    assert.deepEqual(parse(archive.finish()), [
      { name: 'etc', mode: 0o40755, user: 0, content: '' },
      { name: 'etc/ssh', mode: 0o40755, user: 0, content: '' },
      { name: 'etc/ssh/key', mode: 0o100600, user: 0, content: 'secret' },
      { name: 'sbin', mode: 0o40755, user: 0, content: '' },
      { name: 'sbin/init', mode: 0o120777, user: 0, content: '../bin/busybox' },
      { name: 'home', mode: 0o40755, user: 0, content: '' },
      { name: 'home/dev', mode: 0o40755, user: 1000, content: '' },
    ]);
  });

  it('are padded so that another archive can follow', () => {
    const archive = new CpioArchive();
    archive.file('a', 'odd');
    assert.equal(archive.finish().length % 512, 0);
  });

  it('are equal when their content is', () => {
    const make = (): Buffer => {
      const archive = new CpioArchive();
      archive.file('a/b', 'c');
      return archive.finish();
    };
    assert.deepEqual(make(), make());
  });

  it('refuse names that lead out of the root', () => {
    assert.throws(() => new CpioArchive().file('../etc/passwd', ''), /cannot be the name/);
    assert.throws(() => new CpioArchive().directory('/'), /cannot be the name/);
  });

  it('are understood by cpio itself, where the machine has it', function () {
    const archive = new CpioArchive();
    archive.file('one/two', 'three');
    let listing: string;
    try {
      listing = execFileSync('cpio', ['-t', '--quiet'], { input: archive.finish(), encoding: 'utf8' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    assert.equal(listing, 'one\none/two\n');
  });
});
