import type { LineTable } from '../syntax/lineTable';
import type { Finding } from '../rules/rule';
import type { Snapshot } from './snapshot';

/** What makes a finding the same one before and behind a patch, wherever its lines have moved to. */
export function identity(finding: Finding, lines: LineTable | undefined): string {
  const line = lines?.lineText(lines.position(finding.start).line) ?? '';
  return [finding.rule, finding.path, finding.function, line.trim().replace(/\s+/g, ' ')].join('\n');
}

/** Whether a patch wrote a line that a finding is about. */
function touches(finding: Finding, lines: LineTable, snapshot: Snapshot): boolean {
  const last = lines.position(Math.max(finding.end - 1, finding.start)).line;
  for (let line = lines.position(finding.start).line; line <= last; line++)
    if (snapshot.origins.get(line)?.touched) return true;
  return false;
}

/**
 * The findings that a patch is answerable for: those about lines it wrote, and those that were not there before it.
 * @param after the findings behind the patch
 * @param before the findings before it, as identities
 * @param linesOf the lines of a file behind the patch
 * @param snapshotOf a file that the patch touches, behind it
 */
export function introduced(
  after: readonly Finding[],
  before: readonly string[],
  linesOf: (path: string) => LineTable | undefined,
  snapshotOf: (path: string) => Snapshot | undefined,
): Finding[] {
  const left = new Map<string, number>();
  for (const each of before) left.set(each, (left.get(each) ?? 0) + 1);
  return after.filter((finding) => {
    const lines = linesOf(finding.path);
    const key = identity(finding, lines);
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    const snapshot = snapshotOf(finding.path);
    return (
      count === 0 || (lines !== undefined && snapshot !== undefined && touches(finding, lines, snapshot))
    );
  });
}

/**
 * The line of the patch file for a finding: the line itself, else the changed line nearest to it.
 * @param line the line of the finding in its file, from 0
 * @param snapshot its file
 * @returns undefined when the patch changes nothing there
 */
export function nearestOrigin(line: number, snapshot: Snapshot): number | undefined {
  const own = snapshot.origins.get(line);
  if (own) return own.raw;
  let best: { distance: number; raw: number } | undefined;
  for (const change of snapshot.changes) {
    const distance = Math.abs(change.line - line);
    if (!best || distance < best.distance) best = { distance, raw: change.raw };
  }
  return best?.raw;
}
