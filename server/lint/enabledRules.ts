import type { Level } from '../configuration/schema';
import type { Rule } from '../rules/rule';
import { rules } from '../rules/rules';

/** Which rules were requested. */
export interface RuleChoice {
  /** Run every rule, also those that are off by default. */
  readonly all?: boolean;
  /** Run these and no others, also when they are off by default or switched off. */
  readonly only?: readonly string[];
  /** What the configuration sets for a rule in a file; a rule that is off by default runs where it is set. */
  readonly level?: (rule: string, path: string) => Level | undefined;
}

/** Decides which rule runs on which file, and how much its findings weigh there. */
export class RuleSelection {
  constructor(private readonly choice: RuleChoice = {}) {}

  /** The rules that run on one of some files at least. */
  on(paths: readonly string[]): readonly Rule[] {
    return rules.filter((rule) => paths.some((path) => this.runs(rule, path)));
  }

  /** Whether a rule runs on a file. */
  runs({ id, offByDefault }: Rule, path: string): boolean {
    const { all, only, level } = this.choice;
    if (only && only.length > 0) return only.includes(id);
    const set = level?.(id, path);
    return set === undefined ? all === true || offByDefault === undefined : set !== 'off';
  }

  /** The weight that is set for the findings of a rule in a file; undefined when nothing is set. */
  level(rule: string, path: string): Exclude<Level, 'off'> | undefined {
    const set = this.choice.level?.(rule, path);
    return set === 'off' ? undefined : set;
  }
}
