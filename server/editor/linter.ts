import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { defaultLintSettings, type LintSettings } from '../../protocol/lint';
import { analyse } from '../lint/analyse';
import { concernsRules, reasonUnread } from '../lint/readText';
import { Project } from '../model/project';
import type { Finding } from '../rules/rule';
import type { CParser } from '../syntax/parser';
import type { LineTable } from '../syntax/lineTable';
import { FolderFiles } from './folderFiles';

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
  settings: LintSettings = defaultLintSettings;
  private readonly disk = new FolderFiles();
  private readonly projects = new Map<string, Project>();
  private readonly uris = new Map<string, string>();
  private readonly latest = new Map<string, readonly Finding[]>();
  private failed: ReadonlyMap<string, string> = new Map();

  /** @param parser the grammar */
  constructor(private readonly parser: CParser) {}

  /**
   * Lints all open documents of a folder, since what one of them says may concern another.
   * @param folder the folder
   * @param documents the documents that are open in it
   */
  lintFolder(folder: string, documents: readonly OpenDocument[]): DocumentFindings[] {
    const results = new Map<string, { findings: Finding[]; skipped: string | undefined }>();
    const linted = new Map<string, string>();
    const open = new Set<string>();
    for (const { uri, text } of documents) {
      const file = pathOfUri(uri);
      this.uris.set(file, uri);
      open.add(file);
      const skipped = this.settings.enable ? this.reasonToSkip(text) : undefined;
      results.set(file, { findings: [], skipped });
      if (this.settings.enable && skipped === undefined && concernsRules(text)) linted.set(file, text);
    }
    if (linted.size === 0) this.projects.delete(folder);
    else
      for (const finding of this.findings(folder, linted, open))
        results.get(finding.path)?.findings.push(finding);
    for (const [file, result] of results)
      if (linted.has(file)) result.skipped = this.reasonUnread(folder, file);
    const all = documents.map(({ uri }) => ({
      uri,
      findings: [],
      skipped: undefined,
      ...results.get(pathOfUri(uri)),
    }));
    for (const { uri, findings } of all) this.latest.set(uri, findings);
    return all;
  }

  private reasonToSkip(text: string): string | undefined {
    const cap = this.settings.maxFileSizeKiB;
    if (text.length > cap * 1024) return `It is larger than ${cap} KiB (setting ism.lint.maxFileSizeKiB).`;
    return text.includes('\0') ? 'It contains NUL characters and is no text.' : undefined;
  }

  private findings(
    folder: string,
    linted: ReadonlyMap<string, string>,
    open: ReadonlySet<string>,
  ): readonly Finding[] {
    const project = new Project(this.parser, this.projects.get(folder));
    for (const [file, text] of linted) project.add(file, text);
    if (path.isAbsolute(folder))
      for (const [file, text] of this.disk.texts(folder, open, this.settings.maxFileSizeKiB * 1024))
        project.add(file, text);
    this.projects.set(folder, project);
    const { findings, failed } = analyse(project, (file) => linted.has(file));
    this.failed = failed;
    return findings;
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

  /** Forgets a document that was closed. */
  close(uri: string): void {
    this.latest.delete(uri);
  }

  /** Looks at the disk again for a folder. */
  expire(folder: string): void {
    this.disk.expire(folder);
  }
}
