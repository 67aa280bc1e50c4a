import { regionInfoUnknownIndex } from './regionInfoUnknownIndex';
import type { Rule } from './rule';

/** All rules. A new one is a file, its page beside it, and a line here. */
export const rules: readonly Rule[] = [regionInfoUnknownIndex];
