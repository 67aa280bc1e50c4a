import { errorMessage } from '../../protocol/errorMessage';
import { FamilyJudge } from '../model/family';
import type { SourceFile } from '../syntax/sourceFile';
import { charge, openAccounts, OverBudget, overBudgetReason, workedOn } from '../syntax/budget';
import type { Project } from '../model/project';
import { changed } from '../rules/report';
import type { Finding, Rule } from '../rules/rule';
import { rules as allRules } from '../rules/rules';
import { runWithTimeout } from './cutOff';
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
  /** Files on which a rule failed or that were left out, and one sentence about it: they must not hide what others hold. */
  readonly failed: ReadonlyMap<string, string>;
}

/** How long the rules run before others have their turn, in milliseconds. */
const slice = 50;

/** When work on a file is cut off that does not ask for its budget, in milliseconds. */
const cutOffAfter = 1400;

/** The most findings of one file that are reported. */
const maxFindings = 1000;

/** The work that is left of an analysis. */
class Work {
  private readonly findings = new Map<string, Finding>();
  readonly failed = new Map<string, string>();
  /** Files that were worked on when work was cut off. */
  private readonly again = new Map<string, number>();
  private readonly paths: string[];
  private readonly rules: readonly Rule[];
  private readonly wanted: readonly string[];
  private family: FamilyJudge;
  private at = 0;
  private rule = 0;

  constructor(
    private readonly project: Project,
    private readonly reported: (path: string) => boolean,
    private readonly selection: RuleSelection,
  ) {
    this.family = new FamilyJudge(project);
    this.wanted = project.paths.filter(reported);
    this.rules = selection.on(this.wanted);
    const all = this.wanted.length === project.paths.length;
    this.paths = all ? [...this.wanted] : project.withUsers(this.wanted);
    openAccounts();
  }

  get isDone(): boolean {
    return this.at >= this.paths.length;
  }

  /** Works for about a slice of time. */
  advance(): void {
    const until = performance.now() + slice;
    const before = process.cpuUsage();
    const whole = runWithTimeout(() => {
      while (!this.isDone && performance.now() < until) this.step();
    }, slice + cutOffAfter);
    if (whole) return;
    const path = workedOn() ?? this.paths[this.at] ?? '';
    const { user, system } = process.cpuUsage(before);
    // A machine that was stopped, or is busy with others, is nothing that a file can be blamed for.
    const tries = (this.again.get(path) ?? 0) + 1;
    this.again.set(path, tries);
    if ((user + system) / 1000 > cutOffAfter / 2 || tries > 10) this.leaveOut(path, 'time');
    else this.project.forget(path);
  }

  /** Runs one rule on one file. */
  private step(): void {
    const path = this.paths[this.at] ?? '';
    const rule = this.rules[this.rule];
    if (!rule || this.failed.has(path)) {
      this.at++;
      this.rule = 0;
      return;
    }
    try {
      charge(path, () => this.run(rule, path));
      this.rule++;
    } catch (error) {
      // A rule whose file is fine begins again without the one that is not.
      if (error instanceof OverBudget) return this.leaveOut(error.path, error.limit);
      const why = errorMessage(error);
      this.failed.set(path, `The rule ${rule.id} failed on it: ${why}.`);
    }
  }

  private run(rule: Rule, path: string): void {
    for (const finding of rule.check({ project: this.project, family: this.family }, path)) {
      const key = `${finding.rule}\n${finding.path}\n${finding.start}`;
      if (!this.reported(finding.path) || this.findings.has(key)) continue;
      if (!this.selection.runs(rule, finding.path)) continue;
      const level = this.selection.level(rule.id, finding.path);
      const same = level === undefined || level === finding.severity;
      this.findings.set(key, same ? finding : changed(finding, { severity: level }));
    }
  }

  private leaveOut(path: string, limit: OverBudget['limit']): void {
    this.failed.set(path, overBudgetReason(limit));
    this.project.leaveOut(path);
    this.family = new FamilyJudge(this.project);
  }

  result(): AnalysisResult {
    const known = new Set(allRules.map(({ id }) => id));
    const ran = (path: string): Set<string> =>
      new Set(this.rules.flatMap((rule) => (this.selection.runs(rule, path) ? [rule.id] : [])));
    // What was found before a file was left out has no text any more that it could be shown in.
    const found = [...this.findings.values()].filter(({ path }) => !this.project.isLeftOut(path));
    const commented = this.wanted.filter((path) => this.project.mentions(path, 'ism-lint-ignore'));
    const sourceOf = (path: string): SourceFile | undefined => this.project.file(path)?.source;
    const kept = applySuppressions(found, sourceOf, commented, known, ran);
    return { findings: this.mostOf(kept.sort(inOrder)), failed: this.failed };
  }

  /** Caps the findings of a file: each one costs memory here, in reports and in editors. */
  private mostOf(findings: readonly Finding[]): Finding[] {
    const counts = new Map<string, number>();
    return findings.filter(({ path }) => {
      const count = (counts.get(path) ?? 0) + 1;
      counts.set(path, count);
      if (count === maxFindings + 1)
        this.failed.set(path, `It has more than ${maxFindings} findings. The rest are not shown.`);
      return count <= maxFindings;
    });
  }
}

/**
 * Runs the rules over a project, and stops now and then so that others can have their turn.
 * @param project the files that are known
 * @param reported says whether findings in a file are wanted; files that only explain others are not
 * @param selection which rules run on which files; those that are on by default when left out
 */
export function* analysis(
  project: Project,
  reported: (path: string) => boolean,
  selection = new RuleSelection(),
): Generator<undefined, AnalysisResult> {
  const work = new Work(project, reported, selection);
  while (!work.isDone) {
    work.advance();
    yield undefined;
  }
  return work.result();
}

/** The same from its beginning to its end. */
export function analyse(...of: Parameters<typeof analysis>): AnalysisResult {
  const steps = analysis(...of);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
