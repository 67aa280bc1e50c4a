import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { readNamed, type Unread } from '../../protocol/cappedFile';
import { codeOf, reasonOf, wordsFor } from '../sources/systemErrors';
import { Governance, ungoverned } from './apply';
import { readConfiguration, type ConfigurationProblem } from './read';
import type { Configuration } from './schema';

/** How the file is called that sets what holds for its folder and those below. */
export const configurationName = '.ism-lint.json';

/** The largest configuration that is read, in bytes; one that sets every rule and explains it has a twentieth of it. */
const maxConfigurationSize = 256 * 1024;

/** Behind `The configuration cannot be read:`. */
function whyUnread(unread: Unread): string {
  switch (unread.kind) {
    case 'system':
      return wordsFor(unread.code);
    case 'folder':
      return 'it is a folder';
    case 'not-regular':
      return 'it is no regular file';
    case 'too-large':
      return `it is larger than ${maxConfigurationSize / 1024} KiB`;
  }
}

/** A configuration file as it was read. */
export interface ConfigurationFile {
  readonly file: string;
  readonly text: string;
  readonly problems: readonly ConfigurationProblem[];
  readonly governance: Governance;
}

/** Finds the configuration of files: the nearest `.ism-lint.json` in their folder or above counts, alone. */
export class Configurations {
  private readonly folders = new Map<string, ConfigurationFile | undefined>();
  private readonly byPath = new Map<string, ConfigurationFile | null>();
  private readonly bySettings = new Map<string, Governance>();
  private readonly files = new Map<string, { readonly stamp: string; readonly read: ConfigurationFile }>();

  /**
   * @param settings what holds where a file sets nothing, as the settings of an editor
   * @param only the one file to take instead of looking for them; null for none at all
   */
  constructor(
    private readonly settings: Configuration = {},
    private readonly only?: string | null,
  ) {}

  /** The configuration files that were found so far. */
  get found(): ConfigurationFile[] {
    return [...new Set([...this.folders.values()].flatMap((each) => each ?? []))];
  }

  /** What holds for a file; `root` is where patterns of settings start from. */
  of(file: string, root = path.dirname(file)): Governance {
    let own = this.byPath.get(file);
    if (own === undefined) {
      own = this.fileFor(path.dirname(path.resolve(file))) ?? null;
      this.byPath.set(file, own);
    }
    if (own) return own.governance;
    if (Object.keys(this.settings).length === 0) return ungoverned;
    const known = this.bySettings.get(root) ?? new Governance(root, this.settings);
    this.bySettings.set(root, known);
    return known;
  }

  /** Looks for all files again, as after one was changed. */
  expire(): void {
    this.folders.clear();
    this.byPath.clear();
  }

  private fileFor(folder: string): ConfigurationFile | undefined {
    if (this.only === null) return undefined;
    if (this.only !== undefined) {
      if (!this.folders.has('')) this.folders.set('', this.read(path.resolve(this.only)));
      return this.folders.get('');
    }
    if (!this.folders.has(folder)) {
      const parent = path.dirname(folder);
      this.folders.set(
        folder,
        this.read(path.join(folder, configurationName)) ??
          (parent === folder ? undefined : this.fileFor(parent)),
      );
    }
    return this.folders.get(folder);
  }

  private read(file: string): ConfigurationFile | undefined {
    let stat;
    try {
      stat = statSync(file, { throwIfNoEntry: false }) ?? lstatSync(file, { throwIfNoEntry: false });
    } catch (error) {
      // A folder that cannot be entered may contain one.
      return codeOf(error) === 'ELOOP' ? this.unreadable(file, reasonOf(error)) : undefined;
    }
    if (!stat) return undefined;
    if (stat.isDirectory()) return this.unreadable(file, 'it is a folder');
    if (stat.isSymbolicLink()) return this.unreadable(file, 'its symbolic link leads nowhere');
    // One that is found has to be a file; one that is named may come out of a pipe.
    if (!stat.isFile() && this.only === undefined) return this.unreadable(file, 'it is no regular file');
    const stamp = `${stat.mtimeMs}:${stat.size}`;
    const known = this.files.get(file);
    if (known?.stamp === stamp) return known.read;
    // One that is named may be a pipe, such as a shell makes of a command.
    const { bytes, unread } = readNamed(file, maxConfigurationSize);
    if (!bytes) return this.unreadable(file, whyUnread(unread));
    const text = bytes.toString('utf8');
    const { configuration, problems } = readConfiguration(text);
    const governance = new Governance(path.dirname(file), merged(this.settings, configuration));
    const read = { file, text, problems, governance };
    this.files.set(file, { stamp, read });
    return read;
  }

  /** A file that is there and says nothing: what it was meant to say may be what matters. */
  private unreadable(file: string, reason: string): ConfigurationFile {
    const problems = [{ start: 0, end: 0, message: `The configuration cannot be read: ${reason}.` }];
    return { file, text: '', problems, governance: new Governance(path.dirname(file), this.settings) };
  }
}

/** What a file sets comes before the settings of an editor, so that all editors and the command line agree. */
function merged(settings: Configuration, file: Configuration): Configuration {
  return {
    rules: { ...settings.rules, ...file.rules },
    overrides: file.overrides ?? settings.overrides,
    exclude: file.exclude ?? settings.exclude,
    wrappers: { ...settings.wrappers, ...file.wrappers },
  };
}
