import type { FunctionModel } from '../model/c/fileModel';
import type { Span } from '../syntax/lexer/tokens';
import type { Fix, Finding, Related, Rule } from './rule';

/**
 * Makes a finding with a fix that is computed on request: it costs as much as a rule does, and most findings are only
 * shown.
 */
export function fixable(finding: Finding, make: (() => Fix | undefined) | undefined): Finding {
  if (!make) return finding;
  let made: { readonly fix: Fix | undefined } | undefined;
  const get = (): Fix | undefined => {
    made ??= { fix: make() };
    return made.fix;
  };
  // Not enumerable, so that a copy of the finding does not make it.
  return Object.defineProperty({ ...finding }, 'fix', { get, enumerable: false });
}

/** A finding that differs in some properties; its fix stays unmade. */
export function changed(finding: Finding, properties: Partial<Omit<Finding, 'fix'>>): Finding {
  return fixable({ ...finding, ...properties }, () => finding.fix);
}

/** A finding of a rule at a place of a function. */
export function at(
  rule: Pick<Rule, 'id' | 'severity'>,
  target: FunctionModel,
  span: Span,
  message: string,
  more: { readonly related?: readonly Related[]; readonly fix?: () => Fix | undefined } = {},
): Finding {
  const { start } = target.item;
  const finding = {
    rule: rule.id,
    severity: rule.severity,
    path: target.file.source.path,
    start: start + span.start,
    end: start + span.end,
    function: target.name,
    message,
    related: more.related ?? [],
  };
  return fixable(finding, more.fix);
}
