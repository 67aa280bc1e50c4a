import { Char } from '../lexer/tokens';

/** A text that is changed in place and never in length, so that every offset, line and column stays true. */
export class Canvas {
  private readonly units: Uint16Array;

  /** @param text the text to begin with */
  constructor(text: string) {
    // Node copies a whole string much faster than a loop over its characters does.
    const bytes = Buffer.allocUnsafeSlow(text.length * 2);
    bytes.write(text, 'utf16le');
    this.units = new Uint16Array(bytes.buffer, bytes.byteOffset, text.length);
  }

  /** Turns a stretch into white space. Line breaks and tabs stay, so that lines and columns do. */
  blank(start: number, end: number): void {
    for (let at = start; at < end; at++) {
      const unit = this.units[at];
      if (unit !== Char.NewLine && unit !== Char.Return && unit !== Char.Tab) this.units[at] = 32;
    }
  }

  /** Writes `word` at the start of a stretch and blanks the rest of it; a word that does not fit is cut. */
  write(start: number, end: number, word: string): void {
    this.blank(start, end);
    for (let at = 0; at < word.length && start + at < end; at++) this.units[start + at] = word.charCodeAt(at);
  }

  /** The text between two offsets as it is now. */
  slice(start: number, end: number): string {
    const bytes = this.units.subarray(start, end);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf16le');
  }
}
