/** The longest header that is waited for, in bytes; one of the protocol has less than a hundred. */
const longestHeader = 8 * 1024;

/** The longest message that is waited for, in bytes. */
const longestMessage = 256 * 1024 * 1024;

/**
 * Follows the frames of the language server protocol: a header with `Content-Length`, an empty line, and so many bytes. Behind a
 * broken header the start of the next message is unknown, so the server ends.
 */
export class Frames {
  private header = Buffer.alloc(0);
  /** How many bytes of the current message are still to come. */
  private left = 0;

  /**
   * Takes what has come.
   * @returns one sentence when it is no frame
   */
  take(chunk: Buffer): string | undefined {
    for (let at = 0; at < chunk.length;) {
      if (this.left > 0) {
        const skipped = Math.min(this.left, chunk.length - at);
        this.left -= skipped;
        at += skipped;
        continue;
      }
      const before = this.header.length;
      this.header = Buffer.concat([this.header, chunk.subarray(at, at + longestHeader)]);
      const end = this.header.indexOf('\r\n\r\n');
      if (end < 0) {
        at += this.header.length - before;
        if (this.header.length > longestHeader)
          return `A header is longer than ${longestHeader} bytes, so this is not the language server protocol.`;
        continue;
      }
      const length = lengthOf(this.header.toString('latin1', 0, end));
      if (typeof length === 'string') return length;
      at += end + 4 - before;
      this.left = length;
      this.header = Buffer.alloc(0);
    }
    return undefined;
  }
}

/** What a header promises, or one sentence that says what is wrong with it. */
function lengthOf(header: string): number | string {
  const fields = header.split('\r\n').map((line) => /^([\w-]+):(.*)$/.exec(line));
  if (fields.some((field) => !field))
    return `A header has a line without a name and a colon: ${shown(header)}.`;
  const value = fields.findLast((field) => field?.[1]?.toLowerCase() === 'content-length')?.[2]?.trim();
  if (value === undefined) return `A header has no Content-Length: ${shown(header)}.`;
  if (!/^\d{1,15}$/.test(value)) return `Content-Length is not a number of bytes: ${shown(value)}.`;
  return Number(value) <= longestMessage
    ? Number(value)
    : `A message of ${value} bytes exceeds the limit of ${longestMessage} bytes.`;
}

/** A piece of what came, safe for a terminal. */
const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
