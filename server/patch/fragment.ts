import type { CParser } from '../syntax/parser';
import type { FilePatch, HunkLine } from './filePatch';
import { hiddenLabel } from './seam';
import type { Origin, Snapshot } from './snapshot';
import { onlyWholeItems } from './wholeItems';

/** Files are not longer; a header that says so lies, and blank lines up to it would only cost. */
const mostLines = 200_000;

/** Which lines of a patch a state of the file has. */
export type Side = 'old' | 'new';

const missing: Record<Side, HunkLine['kind']> = { old: 'added', new: 'removed' };

/** By how many columns `> + ` moves the text of a quoted patch: less than any indentation of the kernel. */
function extraIndent(patch: FilePatch): number {
  if (!patch.quoted) return 0;
  let least = Infinity;
  for (const hunk of patch.hunks)
    for (const { kind, text } of hunk.lines) {
      if (kind === 'gap' || kind === 'seam' || text.trim() === '' || /^\s*\*/.test(text)) continue;
      least = Math.min(least, /^ */.exec(text)?.[0].length ?? 0);
    }
  return least >= 1 && least <= 3 ? least : 0;
}

/** A line without the comment that it ends with, if it does. */
function withoutLastComment(line: string): string {
  if (!line.endsWith('*/')) return line;
  const before = line.lastIndexOf('*/', line.length - 3);
  const open = line.indexOf('/*', before < 0 ? 0 : before + 2);
  return open < 0 || open > line.length - 4 ? line : line.slice(0, open);
}

/**
 * Marks the end of a line as a place where lines may be missing; undefined where no statement ends, because the mark
 * would be part of a comment, or of what a condition leads to.
 */
function withSeam(line: string): string | undefined {
  if (line.length > 1000) return undefined;
  const code = withoutLastComment(line.trimEnd()).trimEnd();
  if (/\/\/|\/\*/.test(code) || /^\s*\*/.test(code)) return undefined;
  return code === '' || /[;{}:]$/.test(code) ? `${line} goto ${hiddenLabel};` : undefined;
}

/** Lines of a file that follow each other, as text. */
class Stretch {
  readonly lines: string[] = [];
  readonly origins: Origin[] = [];
  readonly changes: { line: number; raw: number }[] = [];
  constructor(readonly start: number | undefined) {}
}

/** The stretches of a file that a patch shows, in order. */
function stretches(patch: FilePatch, side: Side): Stretch[] {
  const indent = extraIndent(patch);
  const found: Stretch[] = [];
  for (const hunk of patch.hunks) {
    let current = new Stretch(side === 'new' ? hunk.newStart : hunk.oldStart);
    found.push(current);
    for (const { kind, text, raw } of hunk.lines) {
      if (kind === 'added' || kind === 'removed') current.changes.push({ line: current.lines.length, raw });
      if (kind === missing[side]) continue;
      const last = current.lines.length - 1;
      const seamed = kind === 'seam' ? withSeam(current.lines[last] ?? '') : undefined;
      if (seamed !== undefined && last >= 0) current.lines[last] = seamed;
      else if (kind === 'gap' || kind === 'seam') found.push((current = new Stretch(undefined)));
      else {
        current.lines.push(text.slice(0, indent).trim() === '' ? text.slice(indent) : text);
        current.origins.push({ raw, touched: kind !== 'context' });
      }
    }
  }
  return found.filter(({ lines }) => lines.length > 0);
}

/**
 * What a patch shows of a file, with everything blank that it does not show as a whole. Where a hunk says where it
 * stands, the lines have the numbers they have in the file; behind a gap they have the smallest they can have.
 * @param patch the patch of the file
 * @param side the state before or behind it
 * @param parser the grammar
 */
export function fragmentOf(patch: FilePatch, side: Side, parser: CParser): Snapshot {
  const path = (side === 'new' ? patch.newPath : patch.oldPath) ?? patch.newPath ?? patch.oldPath ?? '';
  const origins = new Map<number, Origin>();
  const changes: { line: number; raw: number }[] = [];
  const parts: string[] = [];
  let line = 0;
  for (const stretch of stretches(patch, side)) {
    const wanted = (stretch.start ?? 0) - 1;
    if (wanted > line && wanted < mostLines) {
      parts.push('\n'.repeat(wanted - line));
      line = wanted;
    }
    const startsFile = stretch.start !== undefined && stretch.start <= 1;
    parts.push(`${onlyWholeItems(stretch.lines.join('\n'), parser, startsFile)}\n`);
    stretch.origins.forEach((origin, at) => origins.set(line + at, origin));
    for (const change of stretch.changes) changes.push({ line: line + change.line, raw: change.raw });
    line += stretch.lines.length;
  }
  return { path, text: parts.join(''), sees: 'fragment', origins, changes, end: line };
}

/** The text that a patch gives to a new file of which no line is missing, with where each line stands in the patch. */
export function wholeFile(patch: FilePatch): Snapshot {
  const indent = extraIndent(patch);
  const lines = patch.hunks[0]?.lines ?? [];
  return {
    path: patch.newPath ?? '',
    text: lines.map(({ text }) => `${text.slice(indent)}\n`).join(''),
    sees: 'file',
    origins: new Map(lines.map(({ raw }, at) => [at, { raw, touched: true }])),
    changes: lines.map(({ raw }, line) => ({ line, raw })),
    end: lines.length,
  };
}
