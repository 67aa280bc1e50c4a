import { statSync } from 'node:fs';
import { readNamed } from '../../protocol/cappedFile';
import type { Configurations } from '../configuration/find';
import type { RuleChoice } from '../lint/enabledRules';
import { wordsFor } from '../sources/systemErrors';
import { Usage } from './usage';
import { lintPatch, NoPatch, type PatchResult } from '../patch/lintPatch';

/** The largest patch file, in bytes; a series of a hundred mails has a quarter of it, and reading takes fifty times its size in memory. */
const maxPatchSize = 8 * 1024 * 1024;

/** What `--patch` and `--tree` say. */
export interface PatchOptions {
  /** The file, or `-` for the standard input. */
  readonly patch: string;
  readonly tree: string | undefined;
}

/** The bytes of a file or of the standard input, each as one UTF-16 code unit, and never more than the cap. */
function readBytes(file: string): string {
  const name = file === '-' ? 'The standard input' : file;
  const { bytes, unread } = readNamed(file === '-' ? 0 : file, maxPatchSize);
  if (bytes) return bytes.toString('latin1');
  switch (unread.kind) {
    case 'folder':
      throw new Usage(`${file} is a folder. Name a patch file.`);
    case 'not-regular':
      throw new Usage(`${file} is not a regular file. Name a patch file.`);
    case 'too-large':
      throw new Usage(`${name} is larger than ${maxPatchSize / 1024 / 1024} MiB. Split the series.`);
    case 'system':
      if (unread.code === 'ENOENT') throw new Usage(`${file} does not exist.`);
      throw new Usage(`${name} cannot be read: ${wordsFor(unread.code)}.`);
  }
}

/**
 * Lints a patch.
 * @param options the patch and the tree it applies to
 * @param wasmDirectory the folder of the WASM files
 * @param configurations what is set for which files
 * @param choice which rules were requested
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
    throw new Usage(`${tree} is not a folder. --tree takes the kernel's source tree.`);
  const name = patch === '-' ? 'stdin' : patch;
  try {
    return await lintPatch(readBytes(patch), name, tree, wasmDirectory, configurations, choice);
  } catch (error) {
    if (!(error instanceof NoPatch)) throw error;
    throw new Usage(
      `${name} contains no patch. Pass a git diff, the output of git format-patch, or a mail that quotes a patch.`,
    );
  }
}
