import path from 'node:path';
import { Patterns } from './patterns';
import type { Configuration, Level, Levels } from './schema';

/** What holds for the files of one folder and those below it. */
export class Governance {
  private readonly excluded: Patterns;
  private readonly overrides: readonly { readonly paths: Patterns; readonly rules: Levels }[];
  private readonly base: Levels;
  /** The known function that each wrapper stands for. */
  readonly wrappers: ReadonlyMap<string, string>;

  /**
   * @param folder the folder that the patterns start from
   * @param configuration what was written
   */
  constructor(
    private readonly folder: string,
    configuration: Configuration,
  ) {
    this.excluded = new Patterns(configuration.exclude ?? []);
    this.overrides = (configuration.overrides ?? []).map(({ paths, rules }) => ({
      paths: new Patterns(paths),
      rules: rules,
    }));
    this.base = configuration.rules ?? {};
    this.wrappers = new Map(Object.entries(configuration.wrappers ?? {}));
  }

  /** The path of a file as patterns see it; undefined for one outside the folder. */
  private relative(file: string): string | undefined {
    const relative = path.relative(this.folder, path.resolve(file)).split(path.sep).join('/');
    return relative === '' || relative.startsWith('../') || path.isAbsolute(relative) ? undefined : relative;
  }

  /** Whether a file is not to be linted. */
  excludes(file: string): boolean {
    const relative = this.relative(file);
    return relative !== undefined && this.excluded.match(relative);
  }

  /** What is set for a rule in a file; undefined when nothing is. */
  level(rule: string, file: string): Level | undefined {
    const about = this.overrides.filter(({ rules }) => rules[rule] !== undefined);
    const relative = about.length > 0 ? this.relative(file) : undefined;
    const fitting = about.findLast(({ paths }) => relative !== undefined && paths.match(relative));
    return fitting?.rules[rule] ?? this.base[rule];
  }
}

/** Nothing is set. */
export const ungoverned = new Governance(path.resolve('/'), {});
