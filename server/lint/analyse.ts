import { FamilyJudge } from '../model/family';
import type { SourceFile } from '../syntax/sourceFile';
import type { Project } from '../model/project';
import { changed } from '../rules/report';
import type { Finding } from '../rules/rule';
import { rules as allRules } from '../rules/rules';
import { RuleSelection } from './enabledRules';
import { applySuppressions } from './suppressions';

/** Paths first, then places: the order in which findings are reported. */
function inOrder(a: Finding, b: Finding): number {
  return (
    (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) || a.start - b.start || a.rule.localeCompare(b.rule)
  );
}

/** What the rules say of a project. */
export interface AnalysisResult {
  readonly findings: readonly Finding[];
  /** Files on which a rule failed, and one sentence about it: a mistake in a rule must not hide what others find. */
  readonly failed: ReadonlyMap<string, string>;
}

/**
 * Runs the rules over a project.
 * @param project the files that are known
 * @param reported says whether findings in a file are wanted; files that only explain others are not
 * @param selection which rules run on which files; those that are on by default when left out
 */
export function analyse(
  project: Project,
  reported: (path: string) => boolean,
  selection = new RuleSelection(),
): AnalysisResult {
  const analysis = { project, family: new FamilyJudge(project) };
  const findings = new Map<string, Finding>();
  const failed = new Map<string, string>();
  const wanted = project.paths.filter(reported);
  const rules = selection.on(wanted);
  for (const path of wanted.length === project.paths.length ? wanted : project.withUsers(wanted))
    for (const rule of rules)
      try {
        for (const finding of rule.check(analysis, path)) {
          const key = `${finding.rule}\n${finding.path}\n${finding.start}`;
          if (!reported(finding.path) || findings.has(key)) continue;
          if (!selection.runs(rule, finding.path)) continue;
          const level = selection.level(rule.id, finding.path);
          const same = level === undefined || level === finding.severity;
          findings.set(key, same ? finding : changed(finding, { severity: level }));
        }
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        failed.set(path, `The rule ${rule.id} failed on it: ${why}.`);
      }
  const known = new Set(allRules.map(({ id }) => id));
  const ran = (path: string): Set<string> =>
    new Set(rules.flatMap((rule) => (selection.runs(rule, path) ? [rule.id] : [])));
  const commented = wanted.filter((path) => project.mentions(path, 'ism-lint-ignore'));
  const sourceOf = (path: string): SourceFile | undefined => project.file(path)?.source;
  const kept = applySuppressions([...findings.values()], sourceOf, commented, known, ran);
  return { findings: kept.sort(inOrder), failed };
}
