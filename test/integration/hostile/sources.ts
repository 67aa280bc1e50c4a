/** Texts that were made to keep a reader of C busy, to overflow its stack, or to fill its memory. */

const lines = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('');

/** Names and texts of hostile files; each of them mentions vfio, so that it is looked at. */
export function* sources(good: string): Generator<[name: string, text: string]> {
  const head = '/* vfio */\n#include <linux/vfio_pci_core.h>\n';
  const inFunction = (body: string): string =>
    `${head}static int vfio_hostile(int a)\n{\n${body}\nreturn 0;\n}\n`;
  const plain: Readonly<Record<string, string>> = {
    'stars.c': `${head}${'a*\n'.repeat(50_000)}`,
    'initialisers.c': `${head}int ${'*'.repeat(3000)}\n${'A\n'.repeat(30_000)}`,
    'ops.c': `${head}${'vfio_device_ops '.repeat(100_000)}`,
    'comments.c': `${head}${'/*'.repeat(500_000)}`,
    'strings.c': `${head}${'"\\'.repeat(300_000)}`,
    'newlines.c': `${head}${'\n'.repeat(1_500_000)}int vfio;\n`,
    'blanks.c': `${head}${' '.repeat(1_500_000)}x\n`,
    'tabs.c': `${head}${'t\t\t'.repeat(400_000)}\n`,
    'one-word.c': `${head}int ${'a'.repeat(1_500_000)};\n`,
    'one-line.c': `${head}int x = ${'1+'.repeat(500_000)}1;\n`,
    'parens.c': inFunction(`return ${'('.repeat(20_000)}1${')'.repeat(20_000)};`),
    'open-parens.c': `${head}${'f(\n'.repeat(300_000)}`,
    'braces.c': `${head}int f(void)${'{'.repeat(20_000)}${'}'.repeat(20_000)}\n`,
    'open-braces.c': inFunction('{'.repeat(200_000)),
    'closing.c': `${head}${'}'.repeat(300_000)}`,
    'brackets.c': inFunction(`a${'[a'.repeat(20_000)}${']'.repeat(20_000)} = 1;`),
    'ternary.c': inFunction(`return ${'a ? a : '.repeat(20_000)}0;`),
    'unary.c': inFunction(`return ${'!~-'.repeat(20_000)}a;`),
    'casts.c': inFunction(`return ${'(int)'.repeat(20_000)}a;`),
    'commas.c': inFunction(`${'a,'.repeat(100_000)}a;`),
    'members.c': inFunction(`return a${'->vfio'.repeat(50_000)};`),
    'calls.c': inFunction(`return ${'f('.repeat(10_000)}a${')'.repeat(10_000)};`),
    'conditionals.c': `${head}${'#if 1\n'.repeat(20_000)}${'#endif\n'.repeat(20_000)}`,
    'open-conditionals.c': `${head}${'#if A\n#else\n'.repeat(50_000)}`,
    'continued.c': `${head}#define A \\\n${'x \\\n'.repeat(100_000)}\n`,
    'macros.c': `${head}${lines(30_000, (at) => `#define VFIO_M${at}(a) ioctl(a, ${at})\n`)}`,
    'doubling.c': `${head}#define A0 vfio\n${lines(40, (at) => `#define A${at + 1} A${at} A${at}\n`)}${inFunction('A40;')}`,
    'aliases.c': `${head}${lines(20_000, (at) => `#define vfio_a${at + 1} vfio_a${at}\n`)}${inFunction('vfio_a20000(a);')}`,
    'else-if.c': inFunction(lines(10_000, (at) => `if (a == ${at}) return ${at}; else `) + ';'),
    'cases.c': inFunction(`switch (a) {\n${lines(20_000, (at) => `case ${at}:\n`)}}`),
    'many-cases.c': good.replace('default:', `${lines(20_000, (at) => `case ${at + 1000}:\n`)}default:`),
    'ifs.c': inFunction('if (a) '.repeat(20_000) + ';'),
    'loops.c': inFunction('for (;;) '.repeat(5000) + ';'),
    'gotos.c': inFunction(lines(10_000, (at) => `l${at}: if (a) goto l${(at * 7919) % 10_000};\n`)),
    'declarations.c': `${head}${lines(50_000, (at) => `static struct vfio_device *vfio_d${at};\n`)}`,
    'functions.c': `${head}${lines(15_000, (at) => `static int vfio_f${at}(int a) { return vfio_f${at + 1}(a); }\n`)}`,
    'tables.c': `${head}${lines(5000, (at) => `static const struct vfio_device_ops o${at} = { .ioctl = vfio_i${at}, };\n`)}`,
    'copies.c': good.repeat(300),
    'assignments.c': inFunction(lines(20_000, (at) => `ops${at}.read = vfio_r${at};\n`)),
    'enumerators.c': `${head}enum vfio_e { ${lines(50_000, (at) => `E${at} = E${Math.max(at - 1, 0)} + 1,\n`)} };\n`,
    'structs.c': `${head}${'struct a { '.repeat(10_000)}${'};'.repeat(10_000)}\n`,
    'attributes.c': `${head}int f(void) ${'__attribute__((x)) '.repeat(20_000)};\n`,
    'suppressions.c': `${head}${'/* ism-lint-ignore a, b, c */\n'.repeat(30_000)}`,
    'nul.c': `${head}\0\0\0`,
    'latin.c': `${head}/* \u00e9 */\n`,
    'numbers.c': inFunction(`return 0x${'F'.repeat(500_000)}g;`),
    'separators.c': `${head}${'\u2028'.repeat(200_000)}`,
    'too-large.c': `${head}${'x'.repeat(3_000_000)}`,
    'paste.c': `${head}#define P(a) ${'a ## '.repeat(50_000)}a\n`,
    'variadic.c': `${head}#define V(a, ...) ${'V(a, __VA_ARGS__) '.repeat(20_000)}\n${inFunction('V(a, a);')}`,
  };
  yield* Object.entries(plain);
  // Smaller ones of the same kinds, so that what one of them costs is asked for again and again.
  for (let at = 0; at < 100; at++) {
    const kinds = [
      `${head}${'a*\n'.repeat(1000 + at)}`,
      inFunction(`return ${'('.repeat(500 + at)}1${')'.repeat(500 + at)};`),
      inFunction(lines(300 + at, (each) => `if (a == ${each}) return vfio_x${each}(a); else `) + ';'),
      `${head}${lines(300 + at, (each) => `#define VFIO_S${each}(a) ioctl(a)\n`)}`,
    ];
    yield [`small${at}.c`, kinds[at % kinds.length] ?? ''];
  }
}
