import assert from 'node:assert/strict';
import ignore from 'ignore';
import { Patterns } from './patterns';

describe('patterns as in .gitignore', () => {
  const lists = [
    ['*.c'],
    ['tools/'],
    ['/a.c'],
    ['a/b'],
    ['a/**/b.c'],
    ['**/b.c'],
    ['a/**'],
    ['**/x/**'],
    ['a*b*c.h'],
    ['?.c'],
    ['[ab].c'],
    ['[!ab].c', '!d.c'],
    ['*.c', '!keep.c'],
    ['a/', '!a/keep.c'],
    ['a/*', '!a/keep.c'],
    ['# comment', '\\#hash.c'],
    ['\\!bang.c', 'blank.c  '],
    ['A.C'],
    ['[a-'],
    ['a\\*b.c'],
    ['**'],
    ['**.c'],
    ['a/*/c/*.h'],
    ['/'],
    ['x/y/'],
  ];
  const paths = [
    ...[
      'a.c',
      'b.c',
      'd.c',
      'A.c',
      'keep.c',
      'a/b',
      'a/b.c',
      'a/x/b.c',
      'a/x/y/b.c',
      'a/keep.c',
      'tools/a.h',
      'x/tools/a.h',
    ],
    ...[
      'aXbYc.h',
      'abc.h',
      'x/y/z.c',
      'y/x/z.c',
      '#hash.c',
      '!bang.c',
      'blank.c',
      'a*b.c',
      'axb.c',
      'a/b/c/d.h',
      'a/b/d/d.h',
      'x/y',
    ],
  ];
  for (const list of lists)
    it(`say what the package ignore says: ${JSON.stringify(list)}`, () => {
      const other = ignore().add(list);
      const ours = new Patterns(list);
      assert.deepEqual(
        paths.filter((each) => ours.match(each)),
        paths.filter((each) => other.ignores(each)),
      );
    });

  it('take no longer for many stars', () => {
    const stars = new Patterns([`${'*a'.repeat(200)}b`, `${'**/a/'.repeat(50)}b`, `${'*a*/'.repeat(10)}b`]);
    assert.equal(stars.match('a'.repeat(255)), false);
    assert.equal(stars.match(`${'aaaaaaaaaa/'.repeat(300)}c`), false);
    assert.equal(stars.match(`${'a/'.repeat(1000)}c`), false);
  });
});
