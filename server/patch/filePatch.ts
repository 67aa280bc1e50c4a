/** One line of a hunk, or a place where lines are missing. */
export interface HunkLine {
  readonly kind:
    | 'added'
    | 'removed'
    | 'context'
    /** Lines were cut out here, with a mark. */
    | 'gap'
    /** Prose was written here, and lines may have been cut out. */
    | 'seam';
  /** The line of the file without the sign before it. */
  readonly text: string;
  /** The line of the patch file, from 1. */
  readonly raw: number;
}

/** One hunk. */
export interface Hunk {
  /** The first line in the old and in the new file, from 1; undefined when the header is not there. */
  readonly oldStart: number | undefined;
  readonly newStart: number | undefined;
  readonly lines: readonly HunkLine[];
  /** Whether every line that its header promises is there. */
  readonly exact: boolean;
  /** Where it begins in the patch file. */
  readonly raw: number;
}

/** What a patch does to one file. */
export interface FilePatch {
  /** The path as the patch calls it, without `a/` and `b/`; undefined for `/dev/null` and where the header is cut out. */
  readonly oldPath: string | undefined;
  readonly newPath: string | undefined;
  readonly change: 'new' | 'deleted' | 'modified';
  readonly hunks: readonly Hunk[];
  /** Where it begins in the patch file, from 1. */
  readonly raw: number;
  /** Whether it stands in a quotation, where lines can be missing and white space changed. */
  readonly quoted: boolean;
  /** Why it cannot be looked at, as one sentence. */
  readonly unsupported: string | undefined;
}

/** Whether a patch writes all of a file: a new file of which no line is missing. */
export function isWholeFile(patch: FilePatch): boolean {
  const [hunk, ...more] = patch.hunks;
  return (
    patch.change === 'new' &&
    hunk !== undefined &&
    more.length === 0 &&
    hunk.exact &&
    hunk.oldStart === 0 &&
    (hunk.newStart ?? 0) <= 1
  );
}
