/** A position in a text, both numbers from zero; the column counts UTF-16 code units as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where the lines of a text begin. */
export class LineTable {
  private readonly starts: number[] = [0];

  /** @param text the text, with line ends of any kind */
  constructor(private readonly text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1);
  }

  /** The line and column of an offset. */
  position(offset: number): Position {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: offset - (this.starts[low] ?? 0) };
  }

  /** The offset where a line begins; the end of the text for a line behind it. */
  start(line: number): number {
    return this.starts[line] ?? this.text.length;
  }

  /** The text of a line without its line end. */
  lineText(line: number): string {
    return this.text.slice(this.start(line), this.start(line + 1)).replace(/\r?\n$/, '');
  }

  /** What ends a line, which what is put before it has to end with as well. */
  lineEnd(line: number): '\r\n' | '\n' {
    return this.text.slice(this.start(line), this.start(line + 1)).endsWith('\r\n') ? '\r\n' : '\n';
  }

  /** How many lines there are. */
  get count(): number {
    return this.starts.length;
  }
}
