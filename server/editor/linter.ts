import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Governance } from '../configuration/apply';
import { Configurations } from '../configuration/find';
import { analysis } from '../lint/analyse';
import { concernsRules, reasonUnread } from '../sources/readText';
import { Project } from '../model/project';
import type { Finding } from '../rules/rule';
import type { CParser } from '../syntax/parser';
import type { LineTable } from '../syntax/lineTable';
import type { Level } from '../configuration/schema';
import { RuleSelection } from '../lint/enabledRules';
import { FolderFiles } from './folderFiles';
import { defaultSettings, type Settings } from './settings';

/** A document that is open in the editor. */
export interface OpenDocument {
  readonly uri: string;
  readonly text: string;
}

/** What linting a document gave. */
export interface DocumentFindings {
  readonly uri: string;
  readonly findings: readonly Finding[];
  /** One sentence, when the document was not linted. */
  readonly skipped: string | undefined;
}

/** The path of a document, or its URI when it is no file, as an unsaved one is not. */
export function pathOfUri(uri: string): string {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  } catch {
    return uri;
  }
}

/** Lints open documents together with the files beside them, and keeps what did not change from one time to the next. */
export class Linter {
  /** Where the patterns of the settings start from: the folders of the workspace. */
  roots: readonly string[] = [];
  private current: Settings = defaultSettings;
  private configurations = new Configurations();
  private readonly disk = new FolderFiles();
  private readonly projects = new Map<string, Project>();
  private readonly uris = new Map<string, string>();
  private readonly latest = new Map<string, readonly Finding[]>();
  private failed: ReadonlyMap<string, string> = new Map();
  /** Texts that were left out because they take too long, and why. */
  private readonly costly = new Map<string, { readonly text: string; readonly reason: string }>();

  /** @param parser the grammar */
  constructor(private readonly parser: CParser) {}

  get settings(): Settings {
    return this.current;
  }

  set settings(settings: Settings) {
    this.current = settings;
    this.configurations = new Configurations(settings.configuration);
  }

  /**
   * Lints all open documents of a folder, since what one of them says may concern another.
   * @param folder the folder
   * @param documents the documents that are open in it
   * @param whole whether what is found in the other files of the folder is wanted as well
   */
  lintFolder(folder: string, documents: readonly OpenDocument[], whole = false): DocumentFindings[] {
    const steps = this.lintInSteps(folder, documents, whole);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  /** The same, and stops now and then so that others can have their turn. No other run may begin before its end. */
  *lintInSteps(
    folder: string,
    documents: readonly OpenDocument[],
    whole: boolean,
  ): Generator<undefined, DocumentFindings[]> {
    const results = new Map<string, { findings: Finding[]; skipped: string | undefined }>();
    const linted = new Map<string, string>();
    const open = new Set<string>();
    const onDisk = new Map<string, string>();
    for (const { uri, text } of documents) {
      const file = pathOfUri(uri);
      this.uris.set(file, uri);
      open.add(file);
      const skipped = this.settings.enable ? this.reasonToSkip(text) : undefined;
      results.set(file, { findings: [], skipped });
      const excluded = this.governanceOf(file).excludes(file);
      if (this.settings.enable && skipped === undefined && !excluded && concernsRules(text))
        linted.set(file, text);
    }
    if (this.settings.enable && path.isAbsolute(folder) && (whole || linted.size > 0))
      for (const [file, text] of this.disk.texts(folder, open, this.settings.maxFileSizeKiB * 1024))
        onDisk.set(file, text);
    const uris = new Map(documents.map(({ uri }) => [pathOfUri(uri), uri]));
    this.failed = new Map();
    if (whole)
      for (const file of onDisk.keys()) {
        if (this.governanceOf(file).excludes(file)) continue;
        results.set(file, { findings: [], skipped: undefined });
        uris.set(file, this.uriOf(file));
      }
    if (linted.size === 0 && results.size === open.size) this.projects.delete(folder);
    else
      for (const finding of yield* this.findings(folder, linted, onDisk, (file) => results.has(file)))
        results.get(finding.path)?.findings.push(finding);
    for (const [file, result] of results)
      if (linted.has(file)) result.skipped = this.reasonUnread(folder, file);
    const beside = whole ? this.disk.skipped(folder) : new Map<string, string>();
    for (const [file, skipped] of [...this.failed, ...beside])
      if (!open.has(file) && path.dirname(file) === folder)
        results.set(file, { findings: results.get(file)?.findings ?? [], skipped });
    const all = [...results].map(([file, result]) => ({
      uri: uris.get(file) ?? this.uriOf(file),
      ...result,
    }));
    // What is found in files that are not open is not kept: it would keep all that was parsed for it.
    for (const { uri, findings } of all) if (open.has(pathOfUri(uri))) this.latest.set(uri, findings);
    return all;
  }

  private reasonToSkip(text: string): string | undefined {
    const cap = this.settings.maxFileSizeKiB;
    if (text.length > cap * 1024) return `It is larger than ${cap} KiB (setting ism.lint.maxFileSizeKiB).`;
    return text.includes('\0') ? 'It contains NUL characters and is not text.' : undefined;
  }

  private *findings(
    folder: string,
    linted: ReadonlyMap<string, string>,
    onDisk: ReadonlyMap<string, string>,
    wanted: (file: string) => boolean,
  ): Generator<undefined, readonly Finding[]> {
    const project = new Project(this.parser, this.projects.get(folder));
    const known = new Map<string, string>();
    for (const [file, text] of [...linted, ...onDisk]) {
      const costly = this.costly.get(file);
      // What took too long takes as long again, at each keystroke in a file beside it.
      if (costly?.text === text) known.set(file, costly.reason);
      else project.add(file, text, this.governanceOf(file).wrappers);
    }
    this.projects.set(folder, project);
    const level = (rule: string, file: string): Level | undefined =>
      this.governanceOf(file).level(rule, file);
    const { findings, failed } = yield* analysis(project, wanted, new RuleSelection({ level }));
    for (const [file, reason] of failed) {
      const text = linted.get(file) ?? onDisk.get(file);
      if (project.isLeftOut(file) && text !== undefined) this.costly.set(file, { text, reason });
    }
    this.failed = new Map([...known, ...failed]);
    return findings;
  }

  private governanceOf(file: string): Governance {
    const root = this.roots
      .filter((each) => file.startsWith(each + path.sep))
      .sort((a, b) => b.length - a.length);
    return this.configurations.of(file, root[0]);
  }

  /** Why a part of a linted file was left out, if one was. */
  private reasonUnread(folder: string, file: string): string | undefined {
    const source = this.projects.get(folder)?.loaded(file)?.source;
    return this.failed.get(file) ?? (source && reasonUnread(source));
  }

  /** The lines of a file that the last run knew. */
  linesOf(file: string): LineTable | undefined {
    return this.projects.get(path.dirname(file))?.file(file)?.source.lines;
  }

  /** The URI of a file: as the editor spelled it, when it is open. */
  uriOf(file: string): string {
    return this.uris.get(file) ?? (path.isAbsolute(file) ? pathToFileURL(file).href : file);
  }

  /** What the last run found in a document. */
  findingsOf(uri: string): readonly Finding[] {
    return this.latest.get(uri) ?? [];
  }

  /** Forgets what was parsed for a folder of which nothing is open. */
  release(folder: string): void {
    this.projects.delete(folder);
    this.disk.forget(folder);
    for (const file of [...this.costly.keys()]) if (path.dirname(file) === folder) this.costly.delete(file);
  }

  /** Forgets a document that was closed. */
  close(uri: string): void {
    this.latest.delete(uri);
  }

  /** Looks at the disk again for a folder. */
  expire(folder: string): void {
    this.disk.expire(folder);
  }

  /** Looks for the configuration files again. */
  expireConfigurations(): void {
    this.configurations.expire();
  }
}
