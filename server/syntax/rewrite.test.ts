import assert from 'node:assert/strict';
import path from 'node:path';
import { CParser } from './parser';
import { SourceFile } from './sourceFile';
import { lex } from './lexer/tokens';

describe('the rewrite of kernel C', () => {
  let parser: CParser;
  before(async () => {
    parser = await CParser.load(path.resolve('dist/server'));
  });

  /** What the parser sees of a text, and the errors it finds in it. */
  function rewrite(text: string): { seen: string; errors: string[] } {
    const source = new SourceFile('test.c', text, parser);
    let seen = text;
    const errors: string[] = [];
    for (const item of source.items) {
      if (item.kind === 'directive') continue;
      const rewritten = source.rewrite(item).slice(0, item.end - item.start);
      seen = seen.slice(0, item.start) + rewritten + seen.slice(item.end);
      for (const error of source.parse(item)?.errors ?? [])
        errors.push(`${error.type} at ${item.start + error.start}`);
    }
    return { seen, errors };
  }

  /** Texts that the raw grammar cannot read. */
  const readable: Record<string, string> = {
    'a range of cases':
      'int f(int a) { switch (a) { case 1 ... 5: return 1; case A ... B: return 2; } return 0; }',
    'a range with operators': 'int f(int a) { switch (a) { case A + 1 ... B - 1: return 1; } return 0; }',
    annotations:
      'static int __init __must_check f(char __user *p, void __iomem *q) { return *(u32 __force *)p; }',
    'annotations with arguments':
      'static void f(const char *s, ...) __printf(1, 2);\nvoid g(void) __must_hold(&lock) { struct x *p __free(kfree) = NULL; }',
    'a packed struct': 'struct __packed s { u8 a; __le32 b; } __aligned(8);',
    iterators: 'void f(void) { list_for_each_entry(a, &b, c) { g(a); } xa_for_each(&x, i, e) g(e); }',
    'an iterator over a short name': 'void f(void) { each(x) { g(); } }',
    'a guarded block': 'void f(void) { scoped_guard(mutex, &lock) { g(); } guard(mutex)(&lock); }',
    container_of: 'void f(struct a *p) { struct b *b = container_of(p, struct b, m.n); }',
    'types as arguments':
      'void f(void) { g(va_arg(l, unsigned int), kmalloc_obj(struct s), max_t(u32 *, a, b)); }',
    typeof: 'void f(void) { typeof(*p) *q = (typeof(q))p; g(typeof(x), 1); }',
    offsetof: 'int f(void) { return offsetof(struct s, a.b[2]) + offsetofend(struct s, c); }',
    'members from macros':
      'struct s { DECLARE_BITMAP(bits, 64); struct_group(g, int a; int b;); DECLARE_FLEX_ARRAY(u8, d); };',
    'bit-fields without a name': 'struct s { u32 a : 1; u32 : 31; __le16:16; };',
    'top-level macros':
      'static DEFINE_MUTEX(lock);\nmodule_param(x, int, 0644);\nmodule_init(f)\nmodule_exit(g)\n',
    'static macros in functions': 'void f(void) { static DEFINE_RATELIMIT_STATE(rs, 5 * HZ, 1); }',
    'a trace event':
      'TRACE_EVENT(x, TP_PROTO(struct s *p, int a), TP_ARGS(p, a), TP_fast_assign(__entry->a = a;), TP_printk("%d", 1));',
    assembler:
      'int f(void) { asm volatile("0: nop\\n" EX_TABLE(0b, 1b) : CC_OUT(cc, cc), [a] "+d" (a) : "i" (1) : CC_CLOBBER_LIST("memory")); asm_inline volatile(ALTERNATIVE(a, b)); return 0; }',
    'a function from a macro': 'SYSCALL_DEFINE2(name, int, a, char __user *, b)\n{\n\treturn a;\n}\n',
    'unbalanced alternatives':
      'void f(void) {\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t\tg();\n\t}\n}\n',
    'alternatives between statements':
      'int f(void)\n{\n#ifdef A\n\treturn 1;\n#else\n\treturn 2;\n#endif\n}\n',
    'alternatives in an initialiser':
      'struct s s = {\n\t.a = 1,\n#ifdef B\n\t.b = 2,\n#else\n\t.b = 3,\n#endif\n};\n',
    'an alternative inside an expression':
      'int f(void)\n{\n\treturn a\n#ifdef B\n\t\t|| b\n#endif\n\t\t;\n}\n',
    'a part that is compiled out': '#if 0\nthis is no C {{{\n#endif\nint a;\n',
  };
  for (const [name, text] of Object.entries(readable))
    it(`makes readable: ${name}`, () => {
      const { seen, errors } = rewrite(text);
      assert.deepEqual(errors, [], seen);
      assert.equal(seen.length, text.length);
      assert.deepEqual(
        [...text.matchAll(/\n/g)].map((match) => match.index),
        [...seen.matchAll(/\n/g)].map((match) => match.index),
      );
    });

  it('leaves strings, comments and character constants alone', () => {
    const inside = '__user container_of(x, struct y, z) case 1 ... 2: list_for_each(a) { typeof(b)';
    const text = `void f(char __user *p)\n{\n\t/* ${inside} */\n\tg("${inside}", '"', '\\''); // ${inside}\n}\n`;
    const { seen, errors } = rewrite(text);
    assert.deepEqual(errors, []);
    assert.equal(seen.split(inside).length, 4);
    assert.ok(seen.includes(`'"', '\\''`));
    assert.equal(seen, text.replace('__user *p', '       *p'));
  });

  it('keeps offsets with CRLF, continuation lines, tabs and characters outside of ASCII', () => {
    const text =
      '/* „Größe“ 🙂 */\r\nstatic int f(int a)\r\n{\r\n\tswitch (a) { /* 🙂 */ case A ... B:\r\n\t\treturn g(a, \\\r\n\t\t\t "ü");\r\n\t}\r\n\treturn 0;\r\n}\r\n';
    const { seen, errors } = rewrite(text);
    assert.deepEqual(errors, []);
    assert.equal(seen, text.replace('...', '|| '));
    const source = new SourceFile('test.c', text, parser);
    const item = source.items.find((each) => each.kind === 'function');
    assert.ok(item);
    const found = [...(source.parse(item)?.root.walk() ?? [])].find(
      (node) => node.type === 'return_statement',
    );
    assert.ok(found);
    const start = item.start + found.start;
    assert.equal(text.slice(start, item.start + found.end).replace(/\s|\\/g, ''), 'returng(a,"ü");');
    assert.deepEqual(source.lines.position(start), { line: 4, column: 2 });
  });

  it('does not spread an unfinished function over its neighbours', () => {
    const text = 'int a(void)\n{\n\tif (x) {\n\treturn 1;\n}\n\nstatic int b(void)\n{\n\treturn 2;\n}\n';
    const source = new SourceFile('test.c', text, parser);
    const names = source.items.map((item) => source.functionName(item));
    assert.deepEqual(names, ['a', 'b']);
    const [, second] = source.items;
    assert.ok(second);
    assert.deepEqual(source.parse(second)?.errors, []);
  });

  it('reads around a half-typed line', () => {
    const text = 'int a(void)\n{\n\tint b = 1;\n\tg(b,\n\treturn b;\n}\n';
    const source = new SourceFile('test.c', text, parser);
    const [item] = source.items;
    assert.ok(item);
    const repaired = source.parseRepaired(item);
    assert.deepEqual(repaired?.errors, []);
    assert.deepEqual(
      repaired?.holes.map((hole) => text.slice(item.start + hole.start, item.start + hole.end)),
      ['\tg(b,'],
    );
  });

  it('takes the parsed items of an earlier version over', () => {
    const before = new SourceFile('test.c', 'int a(void) { return 1; }\nint b(void) { return 2; }\n', parser);
    const trees = before.items.map((item) => before.parse(item));
    const after = new SourceFile(
      'test.c',
      'int a(void) { return 11; }\nint b(void) { return 2; }\n',
      parser,
      before,
    );
    const [first, second] = after.items.map((item) => after.parse(item));
    assert.notEqual(first, trees[0]);
    assert.equal(second, trees[1]);
  });

  it('survives texts that are no C', () => {
    const strange = [
      '',
      '\0',
      '}}}}',
      '((((',
      '"',
      "'",
      '/*',
      '#',
      '#if',
      '#endif\n#else',
      '\\',
      '\ufeffint a;',
      '🙂🙂',
    ];
    for (const text of [
      ...strange,
      '('.repeat(20_000),
      '{'.repeat(20_000),
      '#if A\n'.repeat(20_000),
      'a '.repeat(50_000),
    ]) {
      const source = new SourceFile('test.c', text, parser);
      for (const item of source.items) if (item.kind !== 'directive') source.parse(item);
      assert.equal(rewrite(text).seen.length, text.length);
    }
  });
});

describe('tokens', () => {
  it('keeps unclosed literals on their line and unclosed comments to the end', () => {
    const { tokens, comments } = lex('a = "x\nb = \'y\n/* c');
    assert.deepEqual(
      Array.from({ length: tokens.length }, (_, index) => tokens.spelling(index)),
      ['a', '=', '"x', 'b', '=', "'y"],
    );
    assert.deepEqual(comments, [{ start: 14, end: 18 }]);
  });

  it('reads a directive with its continuation lines as one token', () => {
    const text = '#define A(x) \\\r\n\tfoo(x) /* one\n two */ \\\n\tbar\nint a;';
    const { tokens } = lex(text);
    assert.equal(tokens.spelling(0), text.slice(0, text.indexOf('\nint')));
    assert.equal(tokens.spelling(1), 'int');
  });
});
