import type { Diagnostic, DiagnosticCode, Fix, Severity, Span } from './diagnostic';

/** Collects the diagnostics of a script: one error per line, because others on it may follow from the first. */
export class Mistakes {
  private readonly found: Diagnostic[] = [];
  /** Where lines begin that have an error. */
  private readonly wrongLines = new Set<number>();

  constructor(readonly text: string) {}

  report(
    code: DiagnosticCode,
    { start, end }: Span,
    message: string,
    fix?: Fix,
    severity: Severity = 'error',
  ): void {
    this.add({ code, severity, start, end, message, ...(fix ? { fix } : {}) });
  }

  add(diagnostic: Diagnostic): void {
    if (diagnostic.severity === 'error') {
      const line = lineStart(this.text, diagnostic.start);
      if (this.wrongLines.has(line)) return;
      this.wrongLines.add(line);
    }
    this.found.push(diagnostic);
  }

  /** The diagnostics in the order of the text. */
  sorted(): Diagnostic[] {
    return this.found.sort((a, b) => a.start - b.start || a.end - b.end);
  }
}

/** Where the line of a place begins. */
export const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** Removes a line with its break. */
export function lineRemoval(text: string, { start, end }: Span): Fix {
  const next = text.indexOf('\n', end);
  return {
    title: 'Remove the line',
    edits: [{ start: lineStart(text, start), end: next < 0 ? text.length : next + 1, text: '' }],
  };
}
