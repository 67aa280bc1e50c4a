/** Suggestions for mistyped words. */

/** How many letters have to be changed, added, removed or swapped with their neighbour. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + changed);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? a.length;
}

/** So many words are compared; nobody looks through more of them for a slip of the finger. */
const MOST_CANDIDATES = 1000;

/** The word that is the only nearest one and near enough: one letter in three may be wrong; letter case does not count. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  if (word.length > 32) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  let tied = false;
  let looked = 0;
  for (const candidate of words) {
    if (++looked > MOST_CANDIDATES) break;
    // The difference in length has to be made up letter by letter.
    if (Math.abs(candidate.length - word.length) > least) continue;
    const far = distance(word.toLowerCase(), candidate.toLowerCase());
    if (far > least || far >= candidate.length) continue;
    tied = far === least && best !== undefined;
    if (far < least || best === undefined) {
      tied = false;
      best = far < least ? candidate : best;
    }
    least = Math.min(least, far);
  }
  return tied ? undefined : best;
}
