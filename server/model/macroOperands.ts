import { lex, TokenKind } from '../syntax/lexer/tokens';
import type { Span, TokenList } from '../syntax/lexer/tokens';
import type { FileModel } from './fileModel';
import { readMacro } from './macros';

/** A parameter of a macro that is an operand without parentheses around it. The span counts from the file's start. */
export interface BareOperand extends Span {
  readonly macro: string;
  readonly parameter: string;
}

/** Operators that take a part of an argument such as `a + b`; `*` and `&` also stand in types and addresses. */
const operators = /^([+\-/%^|<>]|<<|>>|[<>=!]=|&&|\|\|)$/;
const ambiguous = /^[*&]$/;

/** What changes the operand before it. */
const assigns = /^([+\-*/%&|^]|<<|>>)?=$|^(\+\+|--)$/;

/** The parameters that a macro's body assigns to: these are only given a variable, which no operator splits. */
function variables(tokens: TokenList, parameters: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (let at = 0; at < tokens.length; at++) {
    const before = at > 0 ? tokens.spelling(at - 1) : '';
    const after = tokens.spelling(at + 1);
    // Of `*p = 0` and `x.p = 0` it is not the parameter that changes.
    if (/^(\*|&|->|\.|##?)$/.test(before)) continue;
    if (/^(\+\+|--)$/.test(before) || assigns.test(after)) found.add(tokens.spelling(at));
  }
  return new Set(parameters.filter((name) => found.has(name)));
}

/** The parameters of a file's macros that are operands without parentheses. */
export function* bareOperands(file: FileModel): Generator<BareOperand> {
  for (const item of file.source.items) {
    const macro = item.kind === 'directive' ? readMacro(file.source, item) : undefined;
    if (!macro?.parameters?.length) continue;
    const text = file.source.text.slice(item.start, item.end);
    const open = text.indexOf(')', text.indexOf('(')) + 1;
    // The ends of its lines are blank for the lexer, so that every offset stays true.
    const { tokens } = lex(' '.repeat(open) + text.slice(open).replace(/\\(\r?\n)/g, ' $1'));
    const changed = variables(tokens, macro.parameters);
    for (let at = 0; at < tokens.length; at++) {
      const parameter = tokens.spelling(at);
      if (tokens.kind(at) !== TokenKind.Identifier || !macro.parameters.includes(parameter)) continue;
      if (changed.has(parameter)) continue;
      const before = at > 0 ? tokens.spelling(at - 1) : '';
      const after = tokens.spelling(at + 1);
      const beforeThat = at > 1 ? tokens.kind(at - 2) : undefined;
      const isOperand =
        (operators.test(after) && !/^(->|\.|##?)$/.test(before)) ||
        (ambiguous.test(after) && tokens.kind(at + 2) === TokenKind.Number) ||
        (operators.test(before) && !/^(##?|\(|\[|->|\.)$/.test(after)) ||
        (ambiguous.test(before) && beforeThat === TokenKind.Number);
      if (isOperand)
        yield {
          macro: macro.name,
          parameter,
          start: item.start + tokens.start(at),
          end: item.start + tokens.end(at),
        };
    }
  }
}
