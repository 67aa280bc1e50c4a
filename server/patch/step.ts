import type { CParser } from '../syntax/parser';
import type { SkippedFile } from '../../protocol/lint';
import { defaultMaxFileSize } from '../sources/readText';
import { applyHunks } from './applyHunks';
import { isWholeFile, type FilePatch } from './filePatch';
import { fragmentOf, wholeFile } from './fragment';
import type { Snapshot } from './snapshot';
import { staysInside, type Tree } from './tree';

/** The files of one patch before and behind it. */
export interface Step {
  readonly before: readonly Snapshot[];
  readonly after: readonly Snapshot[];
  readonly skipped: readonly SkippedFile[];
  /** Where the patch begins in its file, from 1. */
  readonly raw: number;
  readonly quoted: boolean;
}

/** How a patch is looked at: the file as a whole on both sides, or what it shows of it. */
interface Sides {
  readonly before: Snapshot | undefined;
  readonly after: Snapshot | undefined;
  readonly told: string | undefined;
}

const isC = (file: string | undefined): boolean => file !== undefined && /\.[ch]$/.test(file);

function fragments(patch: FilePatch, parser: CParser, told: string | undefined): Sides {
  return { before: fragmentOf(patch, 'old', parser), after: fragmentOf(patch, 'new', parser), told };
}

/** Both sides of the patch of one file; the tree has the file's new text afterwards. */
function sidesOf(patch: FilePatch, tree: Tree, hasTree: boolean, parser: CParser): Sides {
  const path = patch.newPath ?? patch.oldPath ?? '';
  const sees = hasTree ? 'driver' : 'file';
  const { oldPath, change } = patch;
  const base = change === 'new' || oldPath === undefined ? undefined : tree.read(oldPath);
  if (patch.oldPath !== undefined && patch.oldPath !== patch.newPath) tree.write(patch.oldPath, undefined);
  if (patch.change === 'deleted') return { before: undefined, after: undefined, told: undefined };
  if (isWholeFile(patch)) {
    const there = tree.read(path) !== undefined && hasTree;
    const after = wholeFile(patch);
    tree.write(path, after.text);
    const told = there
      ? 'The tree already contains this change. The file is checked as the patch leaves it.'
      : undefined;
    return { before: undefined, after: { ...after, sees }, told };
  }
  if (base === undefined) {
    tree.write(path, undefined);
    const told =
      hasTree && patch.change === 'modified'
        ? 'The tree does not contain it, or it cannot be read. Only the lines in the patch are checked.'
        : undefined;
    return fragments(patch, parser, told);
  }
  const applied = applyHunks(base, patch);
  if ('failed' in applied) {
    tree.write(path, undefined);
    const { failed } = applied;
    return fragments(
      patch,
      parser,
      `Hunk ${failed} of ${patch.hunks.length} (line ${patch.hunks[failed - 1]?.raw ?? patch.raw}) does not apply. Only the lines in the patch are checked.`,
    );
  }
  tree.write(path, applied.text);
  const lines = applied.text.split('\n').length;
  const { origins, changes } = applied;
  return {
    before: { path, text: base, sees, origins: new Map(), changes: [], end: Infinity },
    after: { path, text: applied.text, sees, origins, changes, end: lines },
    told: undefined,
  };
}

/**
 * Takes the files from one state to the next.
 * @param patches what one patch does to files, each of them once
 * @param tree the files before it; behind it afterwards
 * @param hasTree whether there is more in the tree than what patches created
 * @param parser the grammar
 */
export function takeStep(patches: readonly FilePatch[], tree: Tree, hasTree: boolean, parser: CParser): Step {
  const before: Snapshot[] = [];
  const after: Snapshot[] = [];
  const skipped: SkippedFile[] = [];
  for (const patch of patches) {
    const file = patch.newPath ?? patch.oldPath ?? '';
    if (!isC(patch.newPath) && !isC(patch.oldPath)) continue;
    if ([patch.oldPath, patch.newPath].some((each) => each !== undefined && !staysInside(each))) {
      skipped.push({ file, reason: 'The path leads out of the tree and is skipped.' });
      continue;
    }
    if (patch.unsupported !== undefined) {
      skipped.push({ file, reason: patch.unsupported });
      tree.write(file, undefined);
      continue;
    }
    const sides = sidesOf(patch, tree, hasTree, parser);
    if ([sides.before, sides.after].some((side) => (side?.text.length ?? 0) > defaultMaxFileSize)) {
      skipped.push({ file, reason: `It is larger than ${defaultMaxFileSize / 1024} KiB.` });
      continue;
    }
    if (sides.before) before.push(sides.before);
    if (sides.after) after.push(sides.after);
    if (sides.told !== undefined) skipped.push({ file, reason: sides.told });
  }
  return {
    before,
    after,
    skipped,
    raw: patches[0]?.raw ?? 1,
    quoted: patches.some(({ quoted }) => quoted),
  };
}
