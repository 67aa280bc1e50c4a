import assert from 'node:assert/strict';
import { mayDefine } from './mayDefine';

describe('a look for a definition', () => {
  it('finds every form that is read as one', () => {
    for (const text of [
      'int foo(void) { }',
      'static inline int\nfoo(struct a *a,\n    int b)\n{\n}',
      'static int foo (int (*call)(int), u32 b) __acquires(&x->lock)\n{',
      'int foo(int a) __must_hold(b) \\\n {',
      'int foo(int a /* :) */, int b)\n{',
      'int foo(int a)\n#ifdef B\n{',
      'int foo(int a) // why\n{',
      'foo(name, int, a) {',
      'x = foo(1); int foo(void) {',
    ])
      assert.ok(mayDefine(text, 'foo'), text);
  });

  it('is silent on calls, prototypes, longer names and mentions', () => {
    for (const text of [
      'int foo(void);',
      'if (foo(x)) {',
      'while (a && !foo(b, (c))) {',
      'ret = foo(x);\n\tif (ret) {',
      'int foo_bar(void) {',
      'int my_foo(void) {',
      '.open = foo,\n};\nint bar(void)\n{',
      'struct foo {',
      'foo',
      'return foo(a) ? b : c;',
    ])
      assert.ok(!mayDefine(text, 'foo'), text);
    assert.ok(!mayDefine('int (void) {', ''));
  });
});
