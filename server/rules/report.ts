import type { FunctionModel } from '../model/fileModel';
import type { Span } from '../syntax/tokens';
import type { Fix, Finding, Related, Rule } from './rule';

/** A finding of a rule at a place of a function. */
export function at(
  rule: Pick<Rule, 'id' | 'severity'>,
  target: FunctionModel,
  span: Span,
  message: string,
  more: { readonly related?: readonly Related[]; readonly fix?: Fix | undefined } = {},
): Finding {
  const { start } = target.item;
  return {
    rule: rule.id,
    severity: rule.severity,
    path: target.file.source.path,
    start: start + span.start,
    end: start + span.end,
    function: target.name,
    message,
    related: more.related ?? [],
    fix: more.fix,
  };
}
