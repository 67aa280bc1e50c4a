/** Builds the helper's fuzz target: its files except those that use the host, which fuzz/ replaces by a world in memory. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { artefact, contentKey } from '../setup/artefact';
import { timed, type SetupContext } from '../setup/context';
import { fuzzCompiler } from '../setup/fuzzCompiler';
import { mustRun } from '../setup/run';
import { FLAGS, helperSources, includeFlag } from './build';

/** These use the host: fuzz/sysfs_world.c has the same functions. main.c and serve.c are libFuzzer's part. */
const LEFT_OUT = [
  ...['main.c', 'serve.c', 'beneath.c', 'caller.c', 'vfio_users.c', 'binding_lock.c'],
  ...['node.c', 'sysfs.c', 'sysfs_read.c', 'call_timeout.c'],
];

/** clang warns about more than gcc and about jansson's headers; gcc has checked the helper's files already. */
const CLANG_FLAGS = ['-O2', '-g', '-fno-sanitize-recover=all', '-Wno-unused-command-line-argument'];

/** @returns how to start it */
export async function buildFuzzTarget(
  setup: SetupContext,
  root: string,
): Promise<{ readonly path: string; readonly env: Readonly<Record<string, string>> }> {
  const compiler = await fuzzCompiler(setup);
  const folder = path.join(root, 'helper', 'fuzz');
  const own = readdirSync(folder).filter((name) => /\.[ch]$/.test(name));
  const texts = own.map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const { files, build } = helperSources(root);
  const flags = [...FLAGS, ...CLANG_FLAGS, '-fsanitize=fuzzer,address,undefined'];
  const key = contentKey({ compiler, flags, build, texts });
  const made = await artefact(setup, `helper-fuzz-${key}`, (temporary) =>
    timed(setup, "building the helper's fuzz target", async () => {
      const log = path.join(setup.cache, 'logs', 'helper-fuzz.log');
      const object = (file: string): string => path.join(temporary, `${path.basename(file, '.c')}.o`);
      const redirected = files.filter((file) => !LEFT_OUT.includes(path.basename(file)));
      const plain = own.filter((name) => name.endsWith('.c')).map((name) => path.join(folder, name));
      const compile = (file: string, more: readonly string[]): Promise<string> =>
        mustRun(
          'build the fuzz target',
          compiler.cc,
          [...flags, includeFlag(root), ...compiler.cflags, ...more, '-c', '-o', object(file), file],
          { env: compiler.env, log },
        );
      const include = ['-include', path.join(folder, 'redirect.h'), `-I${folder}`];
      for (const file of redirected) await compile(file, include);
      for (const file of plain) await compile(file, []);
      const objects = [...redirected, ...plain].map(object);
      await mustRun(
        'build the fuzz target',
        compiler.cc,
        [
          ...flags,
          ...compiler.cflags,
          ...['-o', path.join(temporary, 'fuzz-helper')],
          ...objects,
          ...compiler.ldflags,
          '-ljansson',
        ],
        { env: compiler.env, log },
      );
    }),
  );
  return { path: path.join(made, 'fuzz-helper'), env: compiler.env };
}
