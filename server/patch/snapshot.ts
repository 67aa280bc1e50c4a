import { LineTable } from '../syntax/lineTable';
import { hiddenLabel } from './seam';

/** Where a line of a text comes from. */
export interface Origin {
  /** The line of the patch file, from 1. */
  readonly raw: number;
  readonly touched: boolean;
}

/** The text of one file at one state of a patch, and what is known about it. */
export interface Snapshot {
  readonly path: string;
  /** What is analysed: a line of it is the same line of the file, as far as that is known. */
  readonly text: string;
  /** Whether the whole file is here, and whether the files beside it are. */
  readonly sees: 'fragment' | 'file' | 'driver';
  /** By line, from 0: where it stands in the patch; lines that the patch does not show are missing. */
  readonly origins: ReadonlyMap<number, Origin>;
  /** The lines that the patch adds and takes away, by the line, from 0, of the state behind it. */
  readonly changes: readonly { readonly line: number; readonly raw: number }[];
  /** Lines from here on, counted from 0, are no lines of the file. */
  readonly end: number;
}

/** The lines of a snapshot as people should see them, without what was put there for the analysis. */
export function shownLines(snapshot: Snapshot): LineTable {
  return new LineTable(snapshot.text.replaceAll(` goto ${hiddenLabel};`, ''));
}
