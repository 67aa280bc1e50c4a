import path from 'node:path';
import { CParser } from '../syntax/parser';
import { Project } from '../model/project';
import type { SkippedFile } from '../../protocol/lint';
import type { RunResult } from '../report/report';
import { analyse } from '../lint/analyse';
import { Configurations, type ConfigurationFile } from '../configuration/find';
import { RuleSelection, type RuleChoice } from '../lint/enabledRules';
import { siblings } from '../sources/cFiles';
import { discover } from './discover';
import { readText, reasonUnread } from '../sources/readText';
import { Usage } from './usage';

/** Configuration files that are wrong somewhere: what they meant to say may be what matters. */
export class ConfigurationMistakes extends Error {
  constructor(readonly files: readonly ConfigurationFile[]) {
    super('A configuration is wrong.');
  }
}

/**
 * Ends a run whose configuration has mistakes.
 * @throws ConfigurationMistakes
 */
export function refuseMistakes(configurations: Configurations): void {
  const mistaken = configurations.found.filter(({ problems }) => problems.length > 0);
  if (mistaken.length > 0) throw new ConfigurationMistakes(mistaken);
}

/**
 * Lints files and folders. The other C files in the folders of named files are read as well, because a table of
 * operations and its functions may lie apart; nothing is reported for them.
 * @param args files and folders
 * @param wasmDirectory the folder of the WASM files
 * @param configurations what is set for which files
 * @param choice which rules were requested
 * @throws ConfigurationMistakes when a configuration file that counts is wrong somewhere
 */
export async function lint(
  args: readonly string[],
  wasmDirectory: string,
  configurations = new Configurations(),
  choice: RuleChoice = {},
): Promise<RunResult> {
  // A file that is named is linted even where its folder would be left out.
  const named = new Set(args);
  const discovered = discover(args);
  const { files: all } = discovered;
  const files = all.filter((file) => !configurations.of(file).excludes(file) || named.has(file));
  refuseMistakes(configurations);
  if (files.length === 0 && all.length > 0)
    throw new Usage(
      `The configuration excludes ${all.length === 1 ? 'the only C file' : `all ${all.length} C files`} in the given paths.`,
    );
  const wanted = new Set(files.map((file) => path.resolve(file)));
  const skipped: SkippedFile[] = [];
  const texts = new Map<string, string>();
  for (const file of files) {
    const read = readText(file);
    if ('skipped' in read) skipped.push({ file, reason: read.skipped });
    else if (read.relevant) texts.set(file, read.text);
  }
  // The grammar is compiled beside the reading of the other files.
  const parser = texts.size > 0 ? CParser.load(wasmDirectory) : undefined;
  const unreadable = skipped.length;
  skipped.push(...discovered.skipped);
  const folders = new Set([...texts.keys()].map((file) => path.dirname(path.resolve(file))));
  for (const folder of folders)
    for (const file of siblings(path.join(folder, 'any'))) {
      if (wanted.has(file)) continue;
      const read = readText(file);
      if ('relevant' in read && read.relevant) texts.set(file, read.text);
    }
  if (!parser)
    return {
      findings: [],
      skipped,
      unreadable,
      files: files.length,
      linesOf: () => undefined,
      textOf: () => undefined,
    };
  const project = new Project(await parser);
  for (const [file, text] of texts) project.add(file, text, configurations.of(file).wrappers);
  const { findings, failed } = analyse(
    project,
    (file) => wanted.has(path.resolve(file)),
    new RuleSelection({ ...choice, level: (rule, file) => configurations.of(file).level(rule, file) }),
  );
  for (const file of files) {
    const source = project.loaded(file)?.source;
    const reason = failed.get(file) ?? (source && reasonUnread(source));
    if (reason) skipped.push({ file, reason });
  }
  for (const [file, reason] of failed) if (!files.includes(file)) skipped.push({ file, reason });
  return {
    findings,
    skipped,
    unreadable,
    files: files.length,
    linesOf: (file) => project.file(file)?.source.lines,
    textOf: (file) => project.file(file)?.source.text,
  };
}
