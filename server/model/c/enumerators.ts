import type { SourceFile } from '../../syntax/sourceFile';
import { numberValue } from './lowerExpression';
import { kernelConstant } from '../kernel/kernelNames';

/** The value of an initialiser that is a number, a known name, or one of these plus a number. */
function simpleValue(text: string, known: ReadonlyMap<string, number | undefined>): number | undefined {
  let sum = 0;
  for (const part of text.replace(/[()]/g, ' ').split('+')) {
    const word = part.trim();
    const value = numberValue(word) ?? known.get(word) ?? kernelConstant(word);
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}

/** The enumerators of a file's enums, also of those inside structs, with their values. */
export function readEnumerators(source: SourceFile): Map<string, number | undefined> {
  const values = new Map<string, number | undefined>();
  for (const item of source.items) {
    if (item.kind !== 'declaration' || !source.spells(item, 'enum')) continue;
    const parsed = source.parse(item);
    if (!parsed) continue;
    for (const list of parsed.root.walk()) {
      if (list.type !== 'enumerator_list') continue;
      let next: number | undefined = 0;
      for (const enumerator of list.rules) {
        if (enumerator.type !== 'enumerator') continue;
        const text = (node: { start: number; end: number }): string =>
          source.text.slice(item.start + node.start, item.start + node.end);
        const name = enumerator.child('name');
        const value = enumerator.child('value');
        if (value) next = simpleValue(text(value), values);
        if (name) values.set(text(name), next);
        if (next !== undefined) next++;
      }
    }
  }
  return values;
}
