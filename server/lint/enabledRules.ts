import type { Rule } from '../rules/rule';
import { rules } from '../rules/rules';

/** Which rules somebody asked for. */
export interface RuleChoice {
  /** Run every rule, also those that are off by default. */
  readonly all?: boolean;
  /** Run these and no others, also when they are off by default. */
  readonly only?: readonly string[];
  /** Run these beside the default ones. */
  readonly switchedOn?: readonly string[];
}

/** The rules that are run: all that are on by default, unless somebody chose. */
export function enabledRules({ all, only, switchedOn }: RuleChoice = {}): readonly Rule[] {
  if (only && only.length > 0) return rules.filter(({ id }) => only.includes(id));
  return rules.filter(
    ({ id, offByDefault }) => all || offByDefault === undefined || switchedOn?.includes(id),
  );
}
