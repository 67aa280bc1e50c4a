import { writeFileSync } from 'node:fs';
import type { RunResult } from '../report/report';
import { counted } from '../report/text';
import { applyFixes } from '../lint/fixes';
import { reasonOf } from '../sources/systemErrors';

/**
 * Writes fixed files. One that cannot be written keeps no other one from being mended.
 * @returns what was done, a line for each thing to know, and whether a file could not be written
 */
export function fixFiles(result: RunResult, unsafe: boolean): { told: string; failed: boolean } {
  const { texts, applied, left, unsafe: kept } = applyFixes(result.findings, result.textOf, unsafe);
  const failures: string[] = [];
  for (const [file, text] of texts)
    try {
      writeFileSync(file, text);
    } catch (error) {
      failures.push(`ism-lint: ${file} cannot be written: ${reasonOf(error)}.\n`);
    }
  const more = left > 0 ? `, ${left} overlap others: run it again` : '';
  const closed = kept > 0 ? `, ${kept} need --unsafe-fixes` : '';
  // A fix may reach over several files, so the number of applied fixes per file is unknown.
  const done = `fixed ${applied} of ${counted(result.findings.length, 'finding')} in ${counted(texts.size, 'file')}`;
  const told = failures.length > 0 ? '' : `ism-lint: ${done}${more}${closed}\n`;
  return { told: failures.join('') + told, failed: failures.length > 0 };
}
