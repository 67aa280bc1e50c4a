/**
 * Text from a remote host, made harmless for labels, messages and documents: control characters, line breaks and
 * the Unicode marks that reorder or hide text are replaced, and it has a bound.
 */
export function neutralise(text: string, limit = 500): string {
  // Nearly every text is plain, and to know that costs less than to look for each kind of what is not.
  const clean = /^[ -~]*$/.test(text)
    ? text
    : text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, '\uFFFD');
  return clean.length > limit ? clean.slice(0, limit) + '…' : clean;
}
