/** What is wrong in a script: one diagnostic for a mistake, with a code that stays and a fix where one is obvious. */
import type { StoreRule } from '../protocol/helper';

/** Offsets into the text, in UTF-16 units; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** All codes; those of stores are the rules that the helper enforces. */
export type DiagnosticCode =
  | StoreRule
  | 'unknown-statement'
  | 'missing-operand'
  | 'unexpected-operand'
  | 'bad-address'
  | 'bad-region'
  | 'bad-offset'
  | 'bad-number'
  | 'out-of-range'
  | 'bad-time'
  | 'bad-hex'
  | 'bad-data'
  | 'no-byte-order'
  | 'bad-text'
  | 'bad-name'
  | 'bad-error'
  | 'duplicate-name'
  | 'duplicate-test'
  | 'misplaced-device'
  | 'no-device'
  | 'missing-end'
  | 'extra-end'
  | 'empty-block'
  | 'nested-too-deep'
  | 'too-much'
  | 'expect-nothing'
  | 'expect-past-read'
  | 'alignment';

/** `hint` is worth knowing and nothing to correct. */
export type Severity = 'error' | 'warning' | 'hint';

export interface TextEdit extends Span {
  readonly text: string;
}

/** A change that makes the text right, if it is what the author meant. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

export interface Diagnostic extends Span {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** One sentence: what is wrong and what to write. */
  readonly message: string;
  readonly fix?: Fix;
}

/** A fix that puts a text in place of a span. */
export const replace = (title: string, { start, end }: Span, text: string): Fix => ({
  title,
  edits: [{ start, end, text }],
});
