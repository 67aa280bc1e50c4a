/** Building a driver's module against the kernel of a host, on this machine. */
import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DriverBuild } from '../../protocol/driverBuild';
import { CancelledError } from '../base/cancelled';
import { UserError } from '../base/userError';
import { readCompilerOutput, type CompilerMessage } from './compilerOutput';
import { describedDriver } from './description';
import type { DriverSource } from './driverSource';
import { copySources, type SourceCopy } from './sourceCopy';

/** More than any driver makes a compiler say. */
const OUTPUT_MAX = 4 << 20;

export interface DriverBuilt {
  /** Whether there is a module. */
  readonly ok: boolean;
  readonly messages: readonly CompilerMessage[];
  /** One sentence when it failed. */
  readonly why: string;
  /** With debug information, for the lines that the kernel's log speaks of. */
  readonly module: string;
  /** What is loaded: the module without debug information. */
  readonly image: Buffer;
  readonly copy: SourceCopy;
}

export interface BuildOptions {
  readonly description: DriverBuild;
  readonly source: DriverSource;
  /** A folder of the extension's own. */
  readonly storage: string;
  readonly signal: AbortSignal;
  readonly output: (text: string) => void;
}

/** @throws UserError when make cannot be started or was cancelled; mistakes in the driver are in the result */
export async function buildDriver(options: BuildOptions): Promise<DriverBuilt> {
  const { description, source, storage } = options;
  // kbuild takes neither in its paths (the kernel's top Makefile refuses them).
  const odd = [storage, description.build].find((name) => /[\s:]/.test(name));
  if (odd) throw new UserError(`The kernel cannot be built in folders with spaces or colons such as ${odd}.`);
  const { flags } = describedDriver(description, source.module);
  const copy = await copySources(source, storage, flags);
  const module = path.join(copy.folder, `${source.module}.ko`);
  await rm(module, { force: true });
  const gcc = !description.arguments.some((word) => /^LLVM=|^CC=.*clang/.test(word));
  const made = await runTool(options, description.make, [
    ...description.arguments,
    ...(source.option ? [`${source.option}=m`] : []),
    // Types for BPF are of no use here, and need the very vmlinux of the kernel.
    'CONFIG_DEBUG_INFO_BTF_MODULES=',
    // Lines for the kernel's log, and columns that do not depend on the width of tabs.
    `KCFLAGS=-g1${gcc ? ' -fdiagnostics-column-unit=byte' : ''}`,
    ...['-C', description.build, `M=${copy.folder}`, 'modules'],
  ]);
  const { messages, unplaced } = readCompilerOutput(made.text, (file) => copy.original(file));
  const all = [...messages];
  for (const { message, symbol } of unplaced) all.push(await whereUsed(copy, source, message, symbol));
  const there = await readFile(module).catch(() => undefined);
  if (made.code !== 0 || !there) {
    const errors = all.filter(({ severity }) => severity === 'error').length;
    const last = made.text.split('\n').filter((line) => /\*\*\*|error|ERROR/.test(line));
    const why =
      errors === 1
        ? `${source.module} does not compile: 1 error.`
        : errors > 1
          ? `${source.module} does not compile: ${errors} errors.`
          : `${source.module} could not be built: ${last[0]?.trim() ?? 'make said nothing'}`;
    return { ok: false, messages: all, why, module, image: Buffer.of(), copy };
  }
  const stripped = `${module}.stripped`;
  const strip = await runTool(options, description.strip, ['--strip-debug', '-o', stripped, module]);
  const image = strip.code === 0 ? await readFile(stripped) : there;
  return { ok: true, messages: all, why: '', module, image, copy };
}

/** A symbol that no module has is shown where the driver first names it. */
async function whereUsed(
  copy: SourceCopy,
  source: DriverSource,
  message: string,
  symbol: string | undefined,
): Promise<CompilerMessage> {
  const base = { severity: 'error' as const, message, related: [] };
  if (symbol !== undefined)
    for (const file of copy.files) {
      const lines = (await readFile(file, 'utf8')).split('\n');
      const word = new RegExp(`\\b${symbol.replace(/\W/g, '\\$&')}\\b`);
      const line = lines.findIndex((text) => word.test(text));
      const before = lines[line]?.slice(0, lines[line].search(word)) ?? '';
      if (line >= 0) return { ...base, file, line: line + 1, column: Buffer.byteLength(before) + 1 };
    }
  return { ...base, file: path.join(source.folder, source.makefile), line: 1, column: 0 };
}

/** Runs a program of the description without a shell; its group ends when the person cancels. */
export function runTool(
  { description, signal, output }: Pick<BuildOptions, 'description' | 'signal' | 'output'>,
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly text: string }> {
  if (signal.aborted) return Promise.reject(new CancelledError());
  output(`$ ${program} ${args.join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      // Messages are read by their English words; the kernel's Makefile takes LC_ALL out of the environment.
      env: {
        ...process.env,
        ...description.environment,
        LC_ALL: 'C',
        LANG: 'C',
        LC_CTYPE: 'C',
        LC_MESSAGES: 'C',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    signal.addEventListener('abort', end, { once: true });
    let text = '';
    const take = (data: string): void => {
      if (text.length < OUTPUT_MAX) text += data;
      output(data);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', (error) => {
      signal.removeEventListener('abort', end);
      reject(
        new UserError(`${program} cannot be started; correct the description of the build.`, String(error)),
      );
    });
    child.once('close', (code) => {
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(new CancelledError());
      else resolve({ code: code ?? 1, text });
    });
  });
}
