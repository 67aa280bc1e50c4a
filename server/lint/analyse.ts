import { FamilyJudge } from '../model/family';
import type { Project } from '../model/project';
import type { Finding, Rule } from '../rules/rule';
import { rules as allRules } from '../rules/rules';
import { applySuppressions } from './suppressions';

/** Paths first, then places: the order in which findings are reported. */
function inOrder(a: Finding, b: Finding): number {
  return (
    (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) || a.start - b.start || a.rule.localeCompare(b.rule)
  );
}

/**
 * Runs the rules over a project.
 * @param project the files that are known
 * @param reported says whether findings in a file are wanted; files that only explain others are not
 * @param rules the rules to run
 */
export function analyse(
  project: Project,
  reported: (path: string) => boolean,
  rules: readonly Rule[] = allRules,
): Finding[] {
  const analysis = { project, family: new FamilyJudge(project) };
  const findings = rules
    .flatMap((rule) => [...rule.check(analysis)])
    .filter((finding) => reported(finding.path));
  return applySuppressions(findings, (path) => project.file(path)?.source).sort(inOrder);
}
