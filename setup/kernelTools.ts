import path from 'node:path';
import type { SetupContext } from './context';
import { findProgram } from './findProgram';
import { hostRoot, libraryEnv } from './hostTools';
import { nativeCompiler } from './nativeCompiler';

/** What `make` of a whole kernel needs beside the cross compiler. */
export interface KernelTools {
  /** To be given to make: the compiler for programs that run during the build. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Programs that Documentation/process/changes.rst asks for and the lab's configurations use, by their packages. */
const programs: Readonly<Record<string, string>> = { bc: 'bc', bison: 'bison', flex: 'flex', m4: 'm4' };

/** Provides what the machine lacks to build a kernel. */
export async function kernelTools(setup: SetupContext): Promise<KernelTools> {
  const compiler = await nativeCompiler(setup);
  const args = [
    `HOSTCC=${compiler.cc}`,
    `HOSTCFLAGS=${compiler.cflags.join(' ')}`,
    `HOSTLDFLAGS=${compiler.ldflags.join(' ')}`,
  ];
  const missing = Object.keys(programs).filter((name) => !findProgram(name));
  if (!missing.length) return { args, env: compiler.env };
  const packages = [...new Set(missing.flatMap((name) => programs[name] ?? []))];
  const root = await hostRoot(setup, 'kernel-tools', 'the tools to build a kernel', packages);
  const { PATH, LD_LIBRARY_PATH } = libraryEnv(root);
  const libraries = [compiler.env['LD_LIBRARY_PATH'], LD_LIBRARY_PATH].filter(Boolean).join(':');
  const found: Record<string, string> = {};
  if (missing.includes('m4')) found['M4'] = path.join(root.folder, 'usr/bin/m4');
  // Bison looks for its skeletons below /usr unless it is told.
  if (missing.includes('bison')) found['BISON_PKGDATADIR'] = path.join(root.folder, 'usr/share/bison');
  return { args, env: { ...compiler.env, ...found, PATH, LD_LIBRARY_PATH: libraries } };
}
