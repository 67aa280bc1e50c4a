import path from 'node:path';
import type { Connection, TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { errorMessage } from '../../protocol/errorMessage';
import { configurationDiagnostics, isConfiguration } from './configurationFile';
import { toDiagnostic } from './diagnostics';
import { isScript } from '../script/scriptServer';
import { pathOfUri, type Linter } from './linter';

/** How long to wait for the next keystroke, in milliseconds; short, because a run takes a few of them. */
export const debounce = 40;

/** The folder of a document. */
export function folderOfUri(uri: string): string {
  return path.dirname(pathOfUri(uri));
}

/** How long the server works before it answers others, in milliseconds. */
const turn = 25;

/** Carries out work step by step, so that what else the client asks is answered meanwhile. */
async function inTurns<T>(steps: Generator<undefined, T>): Promise<T> {
  let began = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - began < turn) continue;
    await new Promise((resolve) => setImmediate(resolve));
    began = performance.now();
  }
}

/** Lints folders when something in them has changed, and tells the client what was found. */
export class Publisher {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly whole = new Set<string>();
  private readonly saidToSkip = new Set<string>();
  /** Files that are not open and that the client shows findings of, by folder. */
  private readonly shown = new Map<string, ReadonlySet<string>>();

  private underWay: Promise<void> = Promise.resolve();

  /**
   * @param connection the client
   * @param documents what is open
   * @param linter gives the linter, loading the grammar when it is first needed
   * @param pageOf gives the URI of a rule's page, when there is one
   */
  constructor(
    private readonly connection: Connection,
    private readonly documents: TextDocuments<TextDocument>,
    private readonly linter: () => Promise<Linter>,
    private readonly pageOf: (rule: string) => string | undefined,
  ) {}

  /**
   * Lints a folder once no key was struck for a moment. Whatever goes wrong is said in the log and ends nothing.
   * @param whole whether the files that are not open are looked at as well
   */
  schedule(folder: string, wait = debounce, whole = false): void {
    if (whole) this.whole.add(folder);
    clearTimeout(this.timers.get(folder));
    this.timers.set(
      folder,
      setTimeout(() => {
        this.lintDue(folder).catch((error: unknown) => {
          const why = errorMessage(error);
          this.connection.console.error(`Linting ${folder} failed: ${why}`);
        });
      }, wait),
    );
  }

  /** Lints a folder at once if that is about to happen, for an answer that has to fit the text as it is. */
  async settle(folder: string): Promise<void> {
    if (this.timers.has(folder)) await this.lintDue(folder);
  }

  private lintDue(folder: string): Promise<void> {
    clearTimeout(this.timers.get(folder));
    this.timers.delete(folder);
    return this.lint(folder, this.whole.delete(folder));
  }

  /** Lints every folder of which something is open or was shown. */
  scheduleAll(): void {
    const open = this.documents.all().map(({ uri }) => folderOfUri(uri));
    for (const folder of new Set([...open, ...this.shown.keys()]))
      this.schedule(folder, debounce, this.shown.has(folder));
  }

  /** The findings of one configuration file. */
  async configuration(document: TextDocument): Promise<void> {
    const diagnostics = configurationDiagnostics(document.getText());
    await this.connection.sendDiagnostics({ uri: document.uri, version: document.version, diagnostics });
  }

  /** Lints a folder when what is under way has ended, and tells the client. */
  lint(folder: string, whole: boolean): Promise<void> {
    const run = this.underWay.then(() => this.lintNow(folder, whole));
    this.underWay = run.catch(() => undefined);
    return run;
  }

  private async lintNow(folder: string, whole: boolean): Promise<void> {
    const linter = await this.linter();
    const open = this.documents
      .all()
      .filter((each) => folderOfUri(each.uri) === folder && !isConfiguration(each.uri) && !isScript(each));
    const texts = open.map((document) => ({ uri: document.uri, text: document.getText() }));
    const versions = new Map(open.map(({ uri, version }) => [uri, version]));
    const results = await inTurns(linter.lintInSteps(folder, texts, whole));
    const shown = new Set<string>();
    const sent: Promise<void>[] = [];
    for (const { uri, findings, skipped } of results) {
      this.saySkipped(uri, skipped);
      const version = this.documents.get(uri)?.version;
      // What was typed, opened or closed meanwhile is due already.
      if (version !== versions.get(uri)) continue;
      if (version === undefined) {
        if (findings.length === 0) continue;
        shown.add(uri);
      }
      const diagnostics = findings.map((finding) => toDiagnostic(finding, linter, this.pageOf));
      sent.push(
        this.connection.sendDiagnostics({ uri, ...(version === undefined ? {} : { version }), diagnostics }),
      );
    }
    if (whole) sent.push(...this.withdraw(folder, shown));
    if (open.length === 0) linter.release(folder);
    await Promise.all(sent);
  }

  /** A closed document keeps its findings when the whole workspace is shown; its folder is linted again then. */
  async close(uri: string, workspace: boolean): Promise<void> {
    this.saidToSkip.delete(uri);
    await this.connection.sendDiagnostics({ uri, diagnostics: [] });
    // Its text on disk may differ from what was in the editor, and others of the folder may depend on it.
    if (!isConfiguration(uri)) this.schedule(folderOfUri(uri), debounce, workspace);
  }

  /** Takes back what is shown of files that are not open. */
  async clear(): Promise<void> {
    await Promise.all([...this.shown.keys()].flatMap((folder) => this.withdraw(folder, new Set())));
  }

  private withdraw(folder: string, shown: ReadonlySet<string>): Promise<void>[] {
    const before = this.shown.get(folder) ?? new Set<string>();
    if (shown.size > 0) this.shown.set(folder, shown);
    else this.shown.delete(folder);
    return [...before]
      .filter((uri) => !shown.has(uri) && !this.documents.get(uri))
      .map((uri) => this.connection.sendDiagnostics({ uri, diagnostics: [] }));
  }

  private saySkipped(uri: string, skipped: string | undefined): void {
    if (skipped === undefined) this.saidToSkip.delete(uri);
    else if (!this.saidToSkip.has(uri)) {
      this.saidToSkip.add(uri);
      this.connection.console.warn(`${pathOfUri(uri)} is not linted. ${skipped}`);
    }
  }
}
