import type { FamilyJudge } from '../model/family';
import type { Project } from '../model/project';

/** How much a finding weighs. */
export type Severity = 'error' | 'warning' | 'info';

/** A stretch of a file, as offsets into its text. */
export interface Location {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** One more place that belongs to the story of a finding. */
export interface Related extends Location {
  readonly message: string;
}

/** One replacement in one file. */
export interface Edit extends Location {
  readonly text: string;
}

/** A change that removes a finding. All its edits belong together. */
export interface Fix {
  readonly title: string;
  /** Whether it can be applied unseen: an unsafe one opens a way to the device that was closed before. */
  readonly safe: boolean;
  readonly edits: readonly Edit[];
}

/** A place where a rule is broken. */
export interface Finding extends Location {
  readonly rule: string;
  readonly severity: Severity;
  /** The function it is in, or the empty string. */
  readonly function: string;
  readonly message: string;
  readonly related: readonly Related[];
  readonly fix?: Fix | undefined;
}

/** What a rule may ask. It never sees text. */
export interface Analysis {
  readonly project: Project;
  readonly family: FamilyJudge;
}

/** A rule of the catalogue; its page lies beside it as `<id>.md`. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** One line for lists. */
  readonly title: string;
  /**
   * What has to be seen so that the rule can know, as when a patch shows a part of a file:
   * - `path`: the ways through a function up to the finding; what stands elsewhere in it makes no difference;
   * - `function`: all of the function, and nothing but it can take the finding back;
   * - `file`: all of the file, because the rule misses something that may stand anywhere in it;
   * - `driver`: all files of the driver, because who calls the function, or whom it calls, may do what is missing.
   */
  readonly needs: 'path' | 'function' | 'file' | 'driver';
  /** Why the rule runs only on request, and the false positives on real code that justify it. */
  readonly offByDefault?: string;
  /** Whether its findings can be fixed, and how much a fix is to be trusted. */
  readonly fixes?: 'safe' | 'unsafe' | 'safe or unsafe';
  /**
   * What the rule finds starting from one file of the project; a finding may lie in another one, and the same finding
   * may come up more than once.
   */
  check(analysis: Analysis, path: string): Iterable<Finding>;
}
