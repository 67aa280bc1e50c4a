import path from 'node:path';
import type { Governance } from '../configuration/apply';
import { Configurations } from '../configuration/find';
import type { Level } from '../configuration/schema';
import { RuleSelection, type RuleChoice } from '../lint/enabledRules';
import { analyse } from '../lint/analyse';
import { concernsRules, reasonUnread } from '../sources/readText';
import { folderOf } from '../model/indexedText';
import { Project } from '../model/project';
import type { RunResult } from '../report/report';
import type { Finding } from '../rules/rule';
import { rules } from '../rules/rules';
import { CParser } from '../syntax/parser';
import { LineTable } from '../syntax/lineTable';
import type { SkippedFile } from '../../protocol/lint';
import { withHandlerTables } from './handlers';
import { identity, introduced, nearestOrigin } from './introduced';
import { readMailbox } from './mailbox';
import type { Message } from './mailLine';
import { shownLines, type Snapshot } from './snapshot';
import { takeStep, type Step } from './step';
import { readPatch } from './readPatch';
import type { FilePatch } from './filePatch';
import { Tree } from './tree';
import { isKnown } from './visibility';

/** A finding of a patch, and the mail it is in. */
export interface PatchFinding {
  readonly finding: Finding;
  readonly message: Message;
  /** The lines of the file behind the patch. */
  readonly lines: LineTable;
  /** By line of the file, from 0: the line of the patch file. */
  readonly origins: Snapshot['origins'];
  /** The lines of the patch file, from 1, that change this file. */
  readonly changed: ReadonlySet<number>;
  /** The line of the patch file, from 1. */
  readonly raw: number;
}

/** What a patch file holds and what was found in it. */
export interface PatchResult extends RunResult {
  /** In the order of the patch file. */
  readonly inPatch: readonly PatchFinding[];
}

/** A file that contains no patch. */
export class NoPatch extends Error {}

/** The parts of a mail that can be looked at together: each file once. */
function* steps(files: readonly FilePatch[]): Generator<FilePatch[]> {
  let step: FilePatch[] = [];
  const seen = new Set<string>();
  for (const file of files) {
    const names = [file.oldPath, file.newPath].filter((name) => name !== undefined);
    if (names.some((name) => seen.has(name))) {
      yield step;
      step = [];
      seen.clear();
    }
    for (const name of names) seen.add(name);
    step.push(file);
  }
  if (step.length > 0) yield step;
}

/** Analyses patches in order, each as a change from what was there before it. */
class PatchLinter {
  readonly found: PatchFinding[] = [];
  readonly skipped: SkippedFile[] = [];
  readonly files = new Set<string>();
  private readonly reported = new Set<string>();
  /** The files behind the patch before, most of which need not be parsed again. */
  private last: Project | undefined;

  constructor(
    private readonly tree: Tree,
    private readonly hasTree: boolean,
    private readonly parser: CParser,
    private readonly govern: (path: string) => Governance,
    private readonly excluded: (path: string) => boolean,
    private readonly selection: RuleSelection,
  ) {}

  run(message: Message, patches: readonly FilePatch[]): void {
    const before = this.neighbours(patches);
    const step = takeStep(patches, this.tree, this.hasTree, this.parser);
    this.skipped.push(...step.skipped);
    for (const { path } of step.after) this.files.add(path);
    for (const { file } of step.skipped) this.files.add(file);
    if (!step.after.some(({ text }) => concernsRules(text)) && before.size === 0) return;
    const after = this.neighbours(patches);
    const old = this.findings(step.before, before, this.last);
    const result = this.findings(step.after, after, old.project);
    this.last = result.project;
    this.report(message, step, result, old);
  }

  /** The files beside those of a patch that concern the rules, as they are now. */
  private neighbours(patches: readonly FilePatch[]): Map<string, string> {
    const folders = new Set(
      patches
        .flatMap(({ oldPath, newPath }) => [oldPath, newPath])
        .filter((file) => file !== undefined && /\.[ch]$/.test(file))
        .map((file) => folderOf(file ?? '')),
    );
    const texts = new Map<string, string>();
    for (const folder of folders)
      for (const file of this.tree.filesIn(folder)) {
        const text = this.tree.read(file);
        if (text !== undefined && concernsRules(text)) texts.set(file, text);
      }
    return texts;
  }

  private findings(
    snapshots: readonly Snapshot[],
    neighbours: ReadonlyMap<string, string>,
    previous?: Project,
  ): { project: Project; findings: Finding[]; linesOf: (path: string) => LineTable | undefined } {
    const project = new Project(this.parser, previous);
    const ready = new Map<string, Snapshot>();
    for (const snapshot of snapshots)
      ready.set(
        snapshot.path,
        snapshot.sees === 'fragment' ? withHandlerTables(snapshot, this.parser) : snapshot,
      );
    const add = (path: string, text: string): void => project.add(path, text, this.govern(path).wrappers);
    for (const [path, text] of neighbours) if (!ready.has(path)) add(path, text);
    for (const { path, text } of ready.values()) add(path, text);
    const wanted = (path: string): boolean => !this.excluded(path);
    const result = analyse(project, wanted, this.selection);
    for (const [file, reason] of result.failed) this.skipped.push({ file, reason });
    const shown = new Map<string, LineTable>();
    const linesOf = (path: string): LineTable | undefined => {
      const snapshot = ready.get(path);
      if (!snapshot) return project.file(path)?.source.lines;
      if (!shown.has(path)) shown.set(path, shownLines(snapshot));
      return shown.get(path);
    };
    const findings = result.findings
      .filter((finding) => {
        const rule = rules.find(({ id }) => id === finding.rule);
        return isKnown(project, finding, rule, ready.get(finding.path));
      })
      .map((finding) => shownFinding(finding, ready, linesOf));
    return { project, findings, linesOf };
  }

  private report(
    message: Message,
    step: Step,
    after: ReturnType<PatchLinter['findings']>,
    before: ReturnType<PatchLinter['findings']>,
  ): void {
    const byPath = new Map([...step.after].reverse().map((each) => [each.path, each]));
    const snapshotOf = (path: string): Snapshot | undefined => byPath.get(path);
    const known = before.findings.map((finding) => identity(finding, before.linesOf(finding.path)));
    for (const { path } of step.after) {
      const source = after.project.loaded(path)?.source;
      const reason = source && reasonUnread(source);
      if (reason) this.skipped.push({ file: path, reason });
    }
    for (const finding of introduced(after.findings, known, after.linesOf, snapshotOf)) {
      const lines = after.linesOf(finding.path);
      const snapshot =
        snapshotOf(finding.path) ??
        step.after.find(({ path }) => folderOf(path) === folderOf(finding.path)) ??
        step.after[0];
      if (!lines || !snapshot) continue;
      const line = snapshot.path === finding.path ? lines.position(finding.start).line : 0;
      const raw = nearestOrigin(line, snapshot) ?? step.raw;
      // An answer quotes the patch that it answers, and both may be in one mailbox.
      const key = identity(finding, lines);
      if (step.quoted && this.reported.has(key)) continue;
      this.reported.add(key);
      const origins = snapshot.path === finding.path ? snapshot.origins : new Map<number, never>();
      const changed = new Set(snapshot.changes.map((change) => change.raw));
      this.found.push({ finding, message, lines, origins, changed, raw });
    }
  }
}

const tables = new WeakMap<Snapshot, LineTable>();

/** The lines of a snapshot as they are analysed. */
function analysedLines(snapshot: Snapshot): LineTable {
  const known = tables.get(snapshot) ?? new LineTable(snapshot.text);
  tables.set(snapshot, known);
  return known;
}

/** A finding with its offsets in the text that people see, without the places that only the analysis sees. */
function shownFinding(
  finding: Finding,
  snapshots: ReadonlyMap<string, Snapshot>,
  linesOf: (path: string) => LineTable | undefined,
): Finding {
  const move = <T extends { path: string; start: number; end: number }>(at: T): T => {
    const snapshot = snapshots.get(at.path);
    const shown = linesOf(at.path);
    if (!snapshot || !shown || snapshot.sees !== 'fragment') return at;
    const real = analysedLines(snapshot);
    const offset = (from: number): number => {
      const { line, column } = real.position(from);
      return shown.start(line) + Math.min(column, shown.lineText(line).length);
    };
    return { ...at, start: offset(at.start), end: offset(at.end) };
  };
  const invented = (path: string, start: number): boolean => {
    const snapshot = snapshots.get(path);
    return snapshot?.sees === 'fragment' && analysedLines(snapshot).position(start).line >= snapshot.end;
  };
  return {
    ...move(finding),
    related: finding.related.filter(({ path, start }) => !invented(path, start)).map(move),
    // What a fix replaces is not there as a file.
    fix: undefined,
  };
}

/**
 * Looks for mistakes that a patch makes.
 * @param bytes the patch file, each byte one UTF-16 code unit
 * @param name how the patch file is called in reports
 * @param folder the sources that it applies to; without them only what the patch shows is looked at
 * @param wasmDirectory the folder of the WASM files
 * @param configurations what is set for which files
 * @param choice which rules were requested
 * @throws NoPatch when there is no patch in the file
 */
export async function lintPatch(
  bytes: string,
  name: string,
  folder: string | undefined,
  wasmDirectory: string,
  configurations = new Configurations({}, null),
  choice: RuleChoice = {},
): Promise<PatchResult> {
  const mails = readMailbox(bytes).map((message) => ({ message, files: readPatch(message) }));
  if (mails.every(({ files }) => files.length === 0)) throw new NoPatch(name);
  // Patterns of a configuration fit the paths that the patch names, which begin at the root of the tree.
  const root = path.resolve(folder ?? '.');
  const known = new Map<string, Governance>();
  const govern = (file: string): Governance => {
    const found = known.get(file) ?? configurations.of(path.join(root, file));
    known.set(file, found);
    return found;
  };
  const parser = await CParser.load(wasmDirectory);
  const excluded = (file: string): boolean => govern(file).excludes(path.join(root, file));
  const level = (rule: string, file: string): Level | undefined =>
    govern(file).level(rule, path.join(root, file));
  const selection = new RuleSelection({ ...choice, level });
  const linter = new PatchLinter(new Tree(folder), folder !== undefined, parser, govern, excluded, selection);
  for (const { message, files } of mails) for (const step of steps(files)) linter.run(message, step);
  const inPatch = [...linter.found].sort((a, b) => a.raw - b.raw);
  const places = new Map(inPatch.map((each) => [each.finding, each]));
  const skipped = [...new Map(linter.skipped.map((each) => [`${each.file}\n${each.reason}`, each])).values()];
  return {
    findings: inPatch.map(({ finding }) => finding),
    inPatch,
    skipped,
    unreadable: 0,
    files: linter.files.size,
    linesOf: (path, finding) =>
      (finding && places.get(finding)?.lines) ?? inPatch.find((each) => each.finding.path === path)?.lines,
    textOf: () => undefined,
    patchOf: (finding) => {
      const raw = places.get(finding)?.raw;
      return raw === undefined ? undefined : { file: name, line: raw };
    },
  };
}
