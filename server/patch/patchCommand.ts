import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { Configurations } from '../configuration/find';
import type { RuleChoice } from '../lint/enabledRules';
import { Usage } from '../lint/usage';
import { lintPatch, NoPatch, type PatchResult } from './lintPatch';

/** The largest patch file, in bytes; a series of a hundred mails has a hundredth of it. */
const maxPatchSize = 32 * 1024 * 1024;

/** What `--patch` and `--tree` say. */
export interface PatchOptions {
  /** The file, or `-` for the standard input. */
  readonly patch: string;
  readonly tree: string | undefined;
}

/** The bytes of a file or of the standard input, each as one UTF-16 code unit, and never more than the cap. */
function readBytes(file: string): string {
  const name = file === '-' ? 'The standard input' : file;
  let handle: number;
  try {
    handle = file === '-' ? 0 : openSync(file, 'r');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Usage(missing ? `${file} does not exist.` : `${file} cannot be read; look at its permissions.`);
  }
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for (;;) {
      const part = Buffer.alloc(64 * 1024);
      let count: number;
      try {
        count = readSync(handle, part, 0, part.length, null);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EOF') break;
        // A terminal or a pipe without a writer yet has nothing at this moment.
        if (code === 'EAGAIN') {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
          continue;
        }
        throw new Usage(
          code === 'EISDIR'
            ? `${file} is a folder; name a patch file.`
            : `${name} cannot be read (${code ?? 'unknown error'}).`,
        );
      }
      if (count === 0) break;
      size += count;
      if (size > maxPatchSize)
        throw new Usage(`${name} is larger than ${maxPatchSize / 1024 / 1024} MiB; split the series.`);
      parts.push(part.subarray(0, count));
    }
  } finally {
    if (handle !== 0) closeSync(handle);
  }
  return Buffer.concat(parts).toString('latin1');
}

/**
 * Lints a patch.
 * @param options the patch and the tree it applies to
 * @param wasmDirectory the folder of the WASM files
 * @param configurations what is set for which files
 * @param choice which rules somebody asked for
 * @throws Usage for a patch or a tree that is none
 */
export async function runPatch(
  options: PatchOptions,
  wasmDirectory: string,
  configurations: Configurations,
  choice: RuleChoice,
): Promise<PatchResult> {
  const { patch, tree } = options;
  if (tree !== undefined && !statSync(tree, { throwIfNoEntry: false })?.isDirectory())
    throw new Usage(`${tree} is no folder; --tree names the kernel's source tree.`);
  const name = patch === '-' ? 'stdin' : patch;
  try {
    return await lintPatch(readBytes(patch), name, tree, wasmDirectory, configurations, choice);
  } catch (error) {
    if (!(error instanceof NoPatch)) throw error;
    throw new Usage(
      `There is no patch in ${name}; give it a git diff, a file of git format-patch, or a mail that quotes one.`,
    );
  }
}
