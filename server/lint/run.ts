import path from 'node:path';
import { CParser } from '../syntax/parser';
import { Project } from '../model/project';
import type { SkippedFile } from '../../protocol/lint';
import type { RunResult } from '../report/report';
import type { Rule } from '../rules/rule';
import { analyse } from './analyse';
import { discover, siblings } from './discover';
import { readText, reasonUnread } from './readText';

/**
 * Lints files and folders. The other C files in the folders of named files are read as well, because a table of
 * operations and its functions may lie apart; nothing is reported for them.
 * @param args files and folders
 * @param wasmDirectory the folder of the WASM files
 * @param rules the rules to run; those that are on by default when left out
 */
export async function lint(
  args: readonly string[],
  wasmDirectory: string,
  rules?: readonly Rule[],
): Promise<RunResult> {
  const files = discover(args);
  const wanted = new Set(files.map((file) => path.resolve(file)));
  const skipped: SkippedFile[] = [];
  const texts = new Map<string, string>();
  for (const file of files) {
    const read = readText(file);
    if ('skipped' in read) skipped.push({ file, reason: read.skipped });
    else if (read.relevant) texts.set(file, read.text);
  }
  const unreadable = skipped.length;
  const folders = new Set([...texts.keys()].map((file) => path.dirname(path.resolve(file))));
  for (const folder of folders)
    for (const file of siblings(path.join(folder, 'any'))) {
      if (wanted.has(file)) continue;
      const read = readText(file);
      if ('relevant' in read && read.relevant) texts.set(file, read.text);
    }
  if (texts.size === 0)
    return {
      findings: [],
      skipped,
      unreadable,
      files: files.length,
      linesOf: () => undefined,
      textOf: () => undefined,
    };
  const project = new Project(await CParser.load(wasmDirectory));
  for (const [file, text] of texts) project.add(file, text);
  const { findings, failed } = analyse(project, (file) => wanted.has(path.resolve(file)), rules);
  for (const file of files) {
    const source = project.loaded(file)?.source;
    const reason = failed.get(file) ?? (source && reasonUnread(source));
    if (reason) skipped.push({ file, reason });
  }
  return {
    findings,
    skipped,
    unreadable,
    files: files.length,
    linesOf: (file) => project.file(file)?.source.lines,
    textOf: (file) => project.file(file)?.source.text,
  };
}
