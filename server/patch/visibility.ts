import { calleesOf } from '../model/callees';
import type { FunctionModel } from '../model/c/fileModel';
import type { Project } from '../model/project';
import type { Finding, Rule } from '../rules/rule';
import { hiddenLabel } from './seam';
import type { Snapshot } from './snapshot';

/** The function around a finding. */
function functionOf(project: Project, finding: Finding): FunctionModel | undefined {
  return [...(project.file(finding.path)?.functions.values() ?? [])]
    .flat()
    .find(({ item }) => item.start <= finding.start && finding.start < item.end);
}

/** Whether a function is called by its file alone, and calls no function of its own driver that is not seen. */
function standsAlone(project: Project, target: FunctionModel): boolean {
  const prefix = /^[a-z0-9]+_/.exec(target.name)?.[0];
  if (!target.isStatic || prefix === undefined) return false;
  return [...calleesOf(target)].every(
    (name) => !name.startsWith(prefix) || project.resolve(name, target) !== undefined,
  );
}

/**
 * Whether what is seen of a file is enough for a finding: a rule that misses something must see all places where it
 * could be.
 * @param project the files as they are analysed
 * @param finding the finding
 * @param rule its rule; undefined for what is found about suppressions
 * @param snapshot the file it is in; undefined for one that the patch does not touch
 */
export function isKnown(
  project: Project,
  finding: Finding,
  rule: Rule | undefined,
  snapshot: Snapshot | undefined,
): boolean {
  if (!snapshot || snapshot.sees === 'driver') return true;
  // A comment may silence something that is not seen.
  if (!rule) return finding.rule !== 'unused-suppression';
  if (snapshot.sees === 'file') {
    const target = rule.needs === 'driver' ? functionOf(project, finding) : undefined;
    return rule.needs !== 'driver' || (target !== undefined && standsAlone(project, target));
  }
  const target = functionOf(project, finding);
  // Lines that were broken, or prose among them, are no C.
  if (target?.file.source.parse(target.item)?.errors.length !== 0 && target) return false;
  // A function that refuses everything may be the stub of a configuration, and the `#if` is cut out.
  if (
    rule.needs === 'path' &&
    !target?.flow?.nodes.some(({ kind }) => kind === 'switch' || kind === 'branch')
  )
    return false;
  const seam = target?.text.indexOf(hiddenLabel) ?? -1;
  if (!target || seam < 0)
    return rule.needs === 'function' || (rule.needs === 'path' && !(target && hasSeamAbove(project, target)));
  return rule.needs === 'path' && isSettledBefore(target, finding, target.item.start + seam);
}

/** Whether lines may be missing from a function that calls another one, directly or through others. */
function hasSeamAbove(project: Project, target: FunctionModel, depth = 4): boolean {
  return (
    depth > 0 &&
    project
      .callersOf(target)
      .some((caller) => caller.text.includes(hiddenLabel) || hasSeamAbove(project, caller, depth - 1))
  );
}

/**
 * Whether lines that are missing from some place of a function on cannot take a finding about a path back: a `default`
 * that was there before refuses what it refuses, and the analysis knows whether the missing lines are on its way.
 */
function isSettledBefore(target: FunctionModel, finding: Finding, seam: number): boolean {
  const source = target.file.source.text;
  return (
    finding.end <= seam && /^default\b/.test(source.slice(finding.start)) && !/^[ \t]*#/m.test(target.text)
  );
}
