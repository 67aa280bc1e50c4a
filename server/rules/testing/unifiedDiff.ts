const context = 2;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
  /** The number of the line before the change, from zero; for an added line that of the next one. */
  readonly at: number;
}

/** The lines of two texts in one list, by their longest common subsequence: quadratic, for short texts. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0),
  );
  const length = (a: number, b: number): number => lengths[a]?.[b] ?? 0;
  for (let a = before.length - 1; a >= 0; a--)
    for (let b = after.length - 1; b >= 0; b--) {
      const row = lengths[a] ?? [];
      row[b] =
        before[a] === after[b] ? length(a + 1, b + 1) + 1 : Math.max(length(a + 1, b), length(a, b + 1));
    }
  const lines: Line[] = [];
  for (let a = 0, b = 0; a < before.length || b < after.length;)
    if (a < before.length && before[a] === after[b]) {
      lines.push({ mark: ' ', text: before[a++] ?? '', at: a - 1 });
      b++;
    } else if (a < before.length && (b >= after.length || length(a + 1, b) >= length(a, b + 1)))
      lines.push({ mark: '-', text: before[a++] ?? '', at: a - 1 });
    else lines.push({ mark: '+', text: after[b++] ?? '', at: a });
  return lines;
}

/**
 * Compares two texts as `diff -U2` does.
 * @param lineNumber the number of a line in hunk headers, from one; that of the text itself when left out
 * @returns the hunks, without the lines that name the files; empty for equal texts
 */
export function unifiedDiff(
  before: string,
  after: string,
  lineNumber = (line: number): number => line,
): string[] {
  const lines = compare(before.split('\n'), after.split('\n'));
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ mark }) => mark !== ' '),
  );
  const output: string[] = [];
  let added = 0;
  for (let index = 0; index < lines.length; index++) {
    if (!shown[index] || shown[index - 1]) continue;
    const end = shown.indexOf(false, index);
    const hunk = lines.slice(index, end < 0 ? undefined : end);
    const count = (mark: Line['mark']): number => hunk.filter((line) => line.mark !== mark).length;
    const [old, young] = [count('+'), count('-')];
    const start = lineNumber((hunk[0]?.at ?? 0) + 1);
    output.push(`@@ -${start},${old} +${start + added},${young} @@`);
    output.push(...hunk.map(({ mark, text }) => mark + text));
    added += young - old;
  }
  return output;
}
