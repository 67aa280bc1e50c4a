/**
 * Builds the helper: a static s390x program for the hosts, and a native one with sanitizers for tests. Both are kept in
 * the cache folder under a key of their sources and compiler, so that a warm build costs nothing.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { artefact, contentKey } from '../setup/artefact';
import { timed, type SetupContext } from '../setup/context';
import { crossCompiler } from '../setup/cross';
import { nativeCompiler } from '../setup/nativeCompiler';
import { mustRun } from '../setup/run';

export const FLAGS = ['-std=c17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror'];

/** Folders whose C files are programs of their own. */
const OTHER_PROGRAMS = ['fuzz', 'test'];

/** The compiler finds headers by their path below helper/. */
export function includeFlag(root: string): string {
  return `-I${path.join(root, 'helper')}`;
}

export interface HelperSources {
  /** The C files. */
  readonly files: readonly string[];
  /** The C files and headers by their path below helper/. */
  readonly names: readonly string[];
  /** The digest of all of them, which becomes the helper's build id. */
  readonly build: string;
}

export function helperSources(root: string): HelperSources {
  const folder = path.join(root, 'helper');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[ch]$/.test(name) && !OTHER_PROGRAMS.includes(name.split(path.sep)[0] ?? ''))
    .sort();
  const hash = createHash('sha256');
  for (const name of names)
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(path.join(folder, name)));
  return {
    names,
    files: names.filter((name) => name.endsWith('.c')).map((name) => path.join(folder, name)),
    build: hash.digest('hex').slice(0, 16),
  };
}

/**
 * The static s390x helper, stripped.
 *
 * @param root the checkout
 * @returns its path in the cache folder
 */
export async function buildHelper(setup: SetupContext, root: string): Promise<string> {
  const compiler = await crossCompiler(setup);
  const sources = helperSources(root);
  const key = contentKey({ build: sources.build, compiler: compiler.key, flags: FLAGS });
  const folder = await artefact(setup, `helper-s390x-${key}`, (temporary) =>
    timed(setup, 'building the helper for s390x', async () => {
      const output = path.join(temporary, 'ism-helper-s390x');
      const flags = [...FLAGS, '-Os', '-static', '-s', `-DBUILD_ID="${sources.build}"`];
      await mustRun(
        'build the helper',
        compiler.cc,
        [...flags, includeFlag(root), '-o', output, ...sources.files, '-ljansson'],
        {
          env: compiler.env,
          log: path.join(setup.cache, 'logs', 'helper.log'),
        },
      );
    }),
  );
  return path.join(folder, 'ism-helper-s390x');
}

/**
 * How the helper is built for this machine: with sanitizers, which abort at the first error, without them, or as it is
 * shipped. Only the first two have the options for another /sys and /dev: TEST_ROOTS is never set for the shipped helper.
 */
const NATIVE_FLAGS = {
  sanitized: ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-DTEST_ROOTS'],
  plain: ['-Os', '-DTEST_ROOTS'],
  shipped: ['-Os'],
} as const;

/**
 * A program of test/fixtures/helper, built from its own file and the helper's without main.c; for tests with sanitizers.
 *
 * @returns how to start it
 */
export async function buildHelperProbe(
  setup: SetupContext,
  root: string,
  name: string,
  kind: keyof typeof NATIVE_FLAGS = 'sanitized',
): Promise<{ readonly path: string; readonly env: Readonly<Record<string, string>> }> {
  const compiler = await nativeCompiler(setup);
  const { files, build } = helperSources(root);
  const source = path.join(root, 'test', 'fixtures', 'helper', `${name}.c`);
  const flags = [...FLAGS, ...NATIVE_FLAGS[kind], includeFlag(root)];
  const key = contentKey({ compiler, flags, build, source: readFileSync(source, 'utf8') });
  const folder = await artefact(setup, `helper-probe-${key}`, (temporary) =>
    timed(setup, `building ${name} for this machine`, async () => {
      const rest = files.filter((file) => path.basename(file) !== 'main.c');
      const output = ['-o', path.join(temporary, name)];
      await mustRun(
        `build ${name}`,
        compiler.cc,
        [...flags, ...compiler.cflags, ...output, source, ...rest, ...compiler.ldflags, '-ljansson'],
        { env: compiler.env, log: path.join(setup.cache, 'logs', 'helper.log') },
      );
    }),
  );
  return { path: path.join(folder, name), env: compiler.env };
}

/**
 * The helper for this machine, for tests (`sanitized`) and measurements (`plain`), or without the options for tests (`shipped`).
 *
 * @returns how to start it
 */
export async function buildNativeHelper(
  setup: SetupContext,
  root: string,
  kind: keyof typeof NATIVE_FLAGS = 'sanitized',
): Promise<{ readonly path: string; readonly env: Readonly<Record<string, string>> }> {
  const compiler = await nativeCompiler(setup);
  const sources = helperSources(root);
  const flags = [...FLAGS, ...NATIVE_FLAGS[kind], `-DBUILD_ID="${sources.build}"`];
  const key = contentKey({ compiler, flags });
  const folder = await artefact(setup, `helper-native-${key}`, (temporary) =>
    timed(setup, `building the helper for this machine (${kind})`, async () => {
      const output = path.join(temporary, 'ism-helper');
      await mustRun(
        'build the helper for this machine',
        compiler.cc,
        [
          ...[...flags, includeFlag(root), ...compiler.cflags, '-o', output, ...sources.files],
          ...[...compiler.ldflags, '-ljansson'],
        ],
        { env: compiler.env, log: path.join(setup.cache, 'logs', 'helper.log') },
      );
    }),
  );
  return { path: path.join(folder, 'ism-helper'), env: compiler.env };
}
