import type { FunctionModel } from './c/fileModel';

const known = new WeakMap<FunctionModel, ReadonlySet<string>>();

/** The names that a function calls, by its tokens alone: nothing is parsed for it. */
export function calleesOf(target: FunctionModel): ReadonlySet<string> {
  let found = known.get(target);
  if (!found) {
    const names = new Set<string>();
    const words = target.file.source.spellings(target.item);
    // The first opening parenthesis belongs to the function's own name.
    let first = true;
    words.forEach((word, at) => {
      if (words[at + 1] !== '(' || !/^[A-Za-z_]\w*$/.test(word)) return;
      if (!first && !/^(if|for|while|switch|sizeof|return)$/.test(word)) names.add(word);
      first = false;
    });
    found = names;
    known.set(target, found);
  }
  return found;
}
