import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SetupContext } from './context';
import { findProgram } from './findProgram';
import { hostRoot, libraryEnv } from './hostTools';
import type { RootPlace } from './relocate';
import { filesBelow, rewriteFile } from './relocate';
import { privateRoot } from './privateRoot';
import { run } from './run';
import { SetupError } from './setupError';
import { hostWorld } from './worlds';

/** A C compiler for this machine itself that can build with sanitizers and has jansson. */
export interface NativeCompiler {
  readonly cc: string;
  /** To be given before the sources. */
  readonly cflags: readonly string[];
  /** To be given after the sources, before -ljansson. */
  readonly ldflags: readonly string[];
  /** For the compiler and for what it builds. */
  readonly env: Readonly<Record<string, string>>;
}

const sanitizers = ['-fsanitize=address,undefined'];

/**
 * Returns the machine's gcc when it can build with sanitizers and jansson, the same with a private jansson when only
 * that is missing, and otherwise a private gcc of the machine's own release.
 */
export async function nativeCompiler(setup: SetupContext): Promise<NativeCompiler> {
  const own = findProgram('gcc');
  if (own) {
    const plain: NativeCompiler = { cc: own, cflags: [], ldflags: [], env: {} };
    if (await works(setup, plain)) return plain;
    const jansson = await hostRoot(setup, 'jansson', 'the JSON library jansson', ['libjansson-dev']);
    const withJansson = { ...plain, ...flagsFor(jansson.folder), env: libraryEnv(jansson) };
    if (await works(setup, withJansson)) return withJansson;
  }
  const root = await privateRoot(setup, {
    name: 'gcc',
    what: 'the C compiler of this machine',
    world: hostWorld,
    recipe: 1,
    plan: () => ({ packages: ['gcc', 'libc6-dev', 'libjansson-dev'] }),
    finish: relocateLinkerScripts,
  });
  const cc = path.join(root.folder, 'usr/bin/gcc');
  const compiler = { cc: existsSync(cc) ? cc : (own ?? cc), ...flagsFor(root.folder), env: libraryEnv(root) };
  if (await works(setup, compiler)) return compiler;
  throw new SetupError(
    `No C compiler could be set up that builds a program with sanitizers and jansson; install gcc and libjansson-dev (details: ${logFile(setup)}).`,
  );
}

function flagsFor(root: string): Pick<NativeCompiler, 'cflags' | 'ldflags'> {
  const triplet = 'x86_64-linux-gnu';
  const include = path.join(root, 'usr/include');
  const libraries = path.join(root, 'usr/lib', triplet);
  return {
    // -idirafter: the compiler's own headers come first, as they would without these options.
    cflags: ['-idirafter', path.join(include, triplet), '-idirafter', include, '-B', `${libraries}/`],
    ldflags: ['-L', libraries],
  };
}

/** Some libraries are scripts for the linker that name others by absolute paths, of which the private ones moved. */
function relocateLinkerScripts({ temporary, final }: RootPlace): void {
  const folder = path.join(temporary, 'usr/lib/x86_64-linux-gnu');
  for (const name of ['libc.so', 'libm.so', 'libm.a'].filter((file) => existsSync(path.join(folder, file))))
    rewriteFile(path.join(folder, name), (text) =>
      text.replaceAll(/(?<![\w.])\/(?:usr\/)?(lib[^\s)]*)/g, (whole, inner: string) =>
        existsSync(path.join(temporary, 'usr', inner)) ? path.join(final, 'usr', inner) : whole,
      ),
    );
  // A linker plugin only matters for link-time optimisation and would be looked for below /.
  for (const name of filesBelow(path.join(temporary, 'usr/lib')))
    if (name.endsWith('bfd-plugins/liblto_plugin.so')) rmSync(path.join(temporary, 'usr/lib', name));
}

/** Builds and runs a small program, since headers, libraries and sanitizers can each be missing by themselves. */
async function works(setup: SetupContext, compiler: NativeCompiler): Promise<boolean> {
  mkdirSync(path.join(setup.cache, 'tmp'), { recursive: true });
  const folder = mkdtempSync(path.join(setup.cache, 'tmp', 'probe-'));
  try {
    const source = path.join(folder, 'probe.c');
    const program = path.join(folder, 'probe');
    writeFileSync(source, '#include <jansson.h>\nint main(void) { json_decref(json_object()); return 0; }\n');
    const { cc, cflags, ldflags, env } = compiler;
    const log = logFile(setup);
    const args = [...cflags, ...sanitizers, '-o', program, source, ...ldflags, '-ljansson'];
    if ((await run(cc, args, { env, log })).code !== 0) return false;
    return (await run(program, [], { env, log })).code === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function logFile(setup: SetupContext): string {
  return path.join(setup.cache, 'logs', 'native-compiler.log');
}
