import type { Edit, Finding } from '../rules/rule';

/** The lines of an edit end as those of the file do; one of DOS is not left with both. */
const withLineEnds = (text: string, edit: string): string =>
  /\r\n/.test(text) ? edit.replace(/\r?\n/g, '\r\n') : edit;

/** What applying fixes gave. */
export interface FixResult {
  /** The new text of each file that changes. */
  readonly texts: ReadonlyMap<string, string>;
  /** How many fixes were applied. */
  readonly applied: number;
  /** How many were left because they overlap another one; another run applies them. */
  readonly left: number;
  /** How many were left because they are unsafe and nobody asked for them. */
  readonly unsafe: number;
}

const overlaps = (a: Edit, b: Edit): boolean => a.path === b.path && a.start < b.end && b.start < a.end;
const same = (a: Edit, b: Edit): boolean =>
  a.path === b.path && a.start === b.start && a.end === b.end && a.text === b.text;

/** A text with edits that do not overlap applied to it. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const edit of [...edits].sort((a, b) => b.start - a.start))
    result = result.slice(0, edit.start) + withLineEnds(text, edit.text) + result.slice(edit.end);
  return result;
}

/**
 * Applies the fixes of findings, each as a whole or not at all.
 * @param findings the findings
 * @param textOf the text of a file
 * @param unsafe whether unsafe fixes are wanted as well
 */
export function applyFixes(
  findings: readonly Finding[],
  textOf: (path: string) => string | undefined,
  unsafe: boolean,
): FixResult {
  const chosen: Edit[] = [];
  const counts = { applied: 0, left: 0, unsafe: 0 };
  for (const { fix } of findings) {
    if (!fix) continue;
    if (!fix.safe && !unsafe) counts.unsafe++;
    // Findings of one story share a fix: what is there already counts as applied.
    else if (fix.edits.every((edit) => chosen.some((each) => same(each, edit)))) counts.applied++;
    else if (fix.edits.some((edit) => chosen.some((each) => overlaps(each, edit)))) counts.left++;
    else {
      chosen.push(...fix.edits);
      counts.applied++;
    }
  }
  const texts = new Map<string, string>();
  for (const path of new Set(chosen.map((edit) => edit.path))) {
    const text = textOf(path);
    if (text !== undefined)
      texts.set(
        path,
        applyEdits(
          text,
          chosen.filter((edit) => edit.path === path),
        ),
      );
  }
  return { texts, ...counts };
}
