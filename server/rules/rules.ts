import { regionInfoUnknownIndex } from './regionInfoUnknownIndex';
import { regionOffsetMacroMismatch } from './regionOffsetMacroMismatch';
import { regionRwUnknownIndex } from './regionRwUnknownIndex';
import type { Rule } from './rule';

/** All rules. A new one is a file, its page beside it, and a line here. */
export const rules: readonly Rule[] = [
  regionInfoUnknownIndex,
  regionOffsetMacroMismatch,
  regionRwUnknownIndex,
];
