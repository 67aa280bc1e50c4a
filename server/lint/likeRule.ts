import { nearest } from '../../storescript/suggest';

/** Suggests a rule for an unknown name: the only one that begins so, else the nearest. */
export function likeRule(word: string, known: Iterable<string>): string | undefined {
  const plain = word.toLowerCase().replace(/_/g, '-');
  const ids = [...known];
  const [first, ...more] = plain.length > 3 ? ids.filter((id) => id.startsWith(plain)) : [];
  return more.length === 0 && first !== undefined ? first : nearest(plain, ids);
}
