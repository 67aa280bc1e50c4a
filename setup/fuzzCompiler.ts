import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SetupContext } from './context';
import { libraryEnv } from './hostTools';
import { nativeCompiler, type NativeCompiler } from './nativeCompiler';
import { privateRoot } from './privateRoot';
import { run } from './run';
import { SetupError } from './setupError';
import { newest } from './versions';
import { hostWorld } from './worlds';

const LIBRARY = /^libclang-rt-([0-9]+)-dev$/;

/** clang with libFuzzer and sanitizers for this machine, of its own release; jansson as {@link nativeCompiler} has it. */
export async function fuzzCompiler(setup: SetupContext): Promise<NativeCompiler> {
  const native = await nativeCompiler(setup);
  const root = await privateRoot(setup, {
    name: 'clang',
    what: 'clang and libFuzzer',
    world: hostWorld,
    recipe: 2,
    plan: async (apt) => {
      const compilers = new Set(await apt.names('^clang-[0-9]+$'));
      const libraries = await apt.names(LIBRARY.source);
      const versions = libraries.map((name) => LIBRARY.exec(name)?.[1] ?? '');
      const version = newest(versions.filter((one) => compilers.has(`clang-${one}`)));
      if (version === undefined) throw new SetupError('The archive has no clang with libFuzzer.');
      // libFuzzer is C++; a machine without g++ has neither its library nor the start files that clang takes from gcc.
      const library = newest(await apt.names('^libstdc\\+\\+-[0-9]+-dev$'));
      return {
        packages: [`clang-${version}`, `libclang-rt-${version}-dev`, ...(library ? [library] : [])],
        facts: { program: `usr/bin/clang-${version}`, gcc: library?.replace(/\D+/g, '') ?? '' },
      };
    },
  });
  const folders = [root.folder, native.env['LD_LIBRARY_PATH']];
  const own = libraryEnv(root);
  const env = {
    ...own,
    LD_LIBRARY_PATH: [own.LD_LIBRARY_PATH, ...(folders[1] === undefined ? [] : [folders[1]])].join(':'),
  };
  const { cflags, ldflags } = native;
  const plain = { cc: path.join(root.folder, root.facts['program'] ?? ''), cflags, ldflags, env };
  if (await works(setup, plain)) return plain;
  const gcc = path.join(root.folder, 'usr/lib/gcc/x86_64-linux-gnu', root.facts['gcc'] ?? '');
  const whole = { ...plain, cflags: [`--gcc-install-dir=${gcc}`, ...cflags] };
  if (await works(setup, whole)) return whole;
  throw new SetupError(
    `No clang could be set up that builds a program with libFuzzer and jansson (details: ${logFile(setup)}).`,
  );
}

const logFile = (setup: SetupContext): string => path.join(setup.cache, 'logs', 'fuzz-compiler.log');

async function works(setup: SetupContext, { cc, cflags, ldflags, env }: NativeCompiler): Promise<boolean> {
  const log = logFile(setup);
  mkdirSync(path.join(setup.cache, 'tmp'), { recursive: true });
  const folder = mkdtempSync(path.join(setup.cache, 'tmp', 'probe-'));
  try {
    const source = path.join(folder, 'probe.c');
    writeFileSync(
      source,
      '#include <jansson.h>\nint LLVMFuzzerTestOneInput(const char *d, unsigned long n);\n' +
        'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { (void)d; (void)n; json_decref(json_object()); return 0; }\n',
    );
    const program = path.join(folder, 'probe');
    const flags = ['-fsanitize=fuzzer,address,undefined', ...cflags, '-o', program, source];
    const built = await run(cc, [...flags, ...ldflags, '-ljansson'], { env, log });
    return built.code === 0 && (await run(program, ['-runs=1'], { env, log })).code === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
