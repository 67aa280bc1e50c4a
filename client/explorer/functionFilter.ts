import type { IsmFunction } from '../../protocol/helper';
import { functionDescription } from '../words/describe';
import { facts } from '../words/facts';

/** Whether every word of the text is in what the explorer says of a function; an empty text fits all. */
export function functionMatches(fn: IsmFunction, text: string): boolean {
  const said = [functionDescription(fn), ...facts(fn).map(({ name, value }) => `${name} ${value}`)]
    .join(' ')
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}
