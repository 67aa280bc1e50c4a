/** A text with a blank in place of each comment between slashes and stars; one that nobody closes stays. */
export function withoutBlockComments(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf('/*', from);
    const close = open < 0 ? -1 : text.indexOf('*/', open + 2);
    if (close < 0) return parts.join('') + text.slice(from);
    parts.push(text.slice(from, open), ' ');
    from = close + 2;
  }
}
