import assert from 'node:assert/strict';
import { readCompilerOutput } from './compilerOutput';

const own = (file: string): string | undefined => (file.startsWith('/') ? undefined : `/src/${file}`);
const read = (...lines: string[]) => readCompilerOutput(lines.join('\n'), own);

describe('what the compiler says', () => {
  it('has line, column, severity and option, and notes belong to what is before them', () => {
    const { messages } = read(
      'make[1]: Entering directory /build',
      '  CC [M]  main.o',
      "main.c: In function 'f':",
      "main.c:12:9: warning: unused variable 'x' [-Wunused-variable]",
      '   12 |     int x;',
      '      |         ^',
      "main.c:20:3: error: too few arguments to function 'g'",
      'toy.h:4:5: note: declared here',
    );
    assert.deepEqual(messages, [
      {
        ...{ file: '/src/main.c', line: 12, column: 9, severity: 'warning' },
        ...{ message: "unused variable 'x'", option: '-Wunused-variable', related: [] },
      },
      {
        ...{ file: '/src/main.c', line: 20, column: 3, severity: 'error' },
        message: "too few arguments to function 'g'",
        related: [{ file: '/src/toy.h', line: 4, column: 5, message: 'declared here' }],
      },
    ]);
  });

  it("shows a mistake in a header's macro where the driver uses it, once", () => {
    const twice = [
      'In file included from /kernel/list.h:5,',
      '                 from main.c:3:',
      '/kernel/list.h:20:5: error: no member named next',
      "main.c:33:2: note: in expansion of macro 'walk'",
    ];
    const { messages } = read(...twice, ...twice);
    assert.equal(messages.length, 1);
    assert.deepEqual([messages[0]?.file, messages[0]?.line], ['/src/main.c', 33]);
    assert.ok(messages[0]?.related.some(({ line }) => line === 3));
    assert.ok(messages[0]?.related.some(({ file }) => file === '/kernel/list.h'));
  });

  it('takes a message without a column, and a fatal error', () => {
    const { messages } = read(
      'main.c:7: warning: odd',
      'main.c:1:10: fatal error: none.h: No such file or directory',
    );
    assert.deepEqual(
      messages.map(({ column, severity }) => [column, severity]),
      [
        [0, 'warning'],
        [10, 'error'],
      ],
    );
  });

  it('keeps what has no place', () =>
    assert.deepEqual(
      read('ERROR: modpost: "gone" [toy.ko] undefined!', 'ERROR: modpost: missing MODULE_LICENSE()').unplaced,
      [{ message: '"gone" [toy.ko] undefined!', symbol: 'gone' }, { message: 'missing MODULE_LICENSE()' }],
    ));
});
