import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { errorMessage } from '../../protocol/errorMessage';
import { gccReport, statistics } from '../report/gcc';
import { jsonReport, type RunResult } from '../report/report';
import { textReport } from '../report/text';
import { rules } from '../rules/rules';
import { Configurations, type ConfigurationFile } from '../configuration/find';
import { LineTable } from '../syntax/lineTable';
import { notFound } from './discover';
import type { RuleChoice } from '../lint/enabledRules';
import { fixFiles } from './fixFiles';
import { help, noSuchRule, parseOptions, type Options } from './options';
import { pageText } from './pages';
import { runPatch, type PatchOptions } from './patchCommand';
import { reply } from '../patch/reply';
import { reasonOf } from '../sources/systemErrors';
import { ConfigurationMistakes, lint, refuseMistakes } from './lintFiles';
import { Usage } from './usage';

/** The version of the package that the program belongs to. */
function version(directory: string): string {
  for (let folder = directory; ; folder = path.dirname(folder)) {
    try {
      const read = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
        version?: string;
      };
      return read.version ?? 'unknown';
    } catch {
      if (path.dirname(folder) === folder) return 'unknown';
    }
  }
}

/** Writes all of a text, however slowly the reader takes it. */
function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('error', (error: NodeJS.ErrnoException) => {
      // Who closes the pipe, as head does, has read enough.
      if (error.code === 'EPIPE' || stream === process.stderr) resolve();
      else reject(new Usage(`The report cannot be written: ${reasonOf(error)}.`));
    });
    stream.write(text, (error) => {
      if (!error) resolve();
    });
  });
}

/** The rules with their severities, one a line, and below them why some are off. */
function ruleList(): string {
  const width = Math.max(...rules.map((rule) => rule.id.length));
  const lines = rules.map(
    ({ id, severity, title }) => `${id.padEnd(width)}  ${severity.padEnd(7)}  ${title}\n`,
  );
  const off = rules.flatMap(({ id, offByDefault }) => (offByDefault ? [`${id}: ${offByDefault}\n`] : []));
  if (off.length > 0) lines.push('\nOff by default (run them with --all-rules or --rule NAME):\n', ...off);
  return lines.join('');
}

async function report(result: RunResult, options: Options, directory: string): Promise<string> {
  if (options.statistics) return statistics(result);
  switch (options.format) {
    case 'json':
      return `${JSON.stringify(jsonReport(result), undefined, 2)}\n`;
    case 'gcc':
      return gccReport(result);
    case 'sarif': {
      // Only its fingerprints need Node's crypto, which takes longer to load than the rest of this program.
      const { sarifReport } = await import('../report/sarif');
      const page = (rule: string): string | undefined => pageText(rule, directory);
      return `${JSON.stringify(sarifReport(result, rules, page, version(directory)), undefined, 2)}\n`;
    }
    case 'text':
      return textReport(result, process.stdout.isTTY);
  }
}

async function run(args: readonly string[], directory: string): Promise<number> {
  const options = parseOptions(args);
  if (options.help || options.version) {
    await write(process.stdout, options.help ? help : `${version(directory)}\n`);
    return 0;
  }
  if (options.explain !== undefined) {
    const page = rules.some((rule) => rule.id === options.explain) && pageText(options.explain, directory);
    if (!page) throw noSuchRule(options.explain);
    await write(process.stdout, page);
    return 0;
  }
  if (options.listRules) {
    await write(process.stdout, ruleList());
    return 0;
  }
  if (typeof options.config === 'string' && !existsSync(options.config)) throw notFound(options.config);
  const configurations = new Configurations({}, options.config);
  const choice = { all: options.allRules, only: options.only };
  if (options.patch) return lintPatch(options.patch, options, directory, configurations, choice);
  if (options.paths.length === 0) throw new Usage('Name a file or folder to lint. --help lists the options.');
  let unwritten = false;
  let result = await lint(options.paths, directory, configurations, choice);
  if (options.fix !== 'none') {
    const { told, failed } = fixFiles(result, options.fix === 'all');
    await write(process.stderr, told);
    unwritten = failed;
    result = await lint(options.paths, directory, configurations, choice);
  }
  if (result.files === 0)
    throw new Usage(
      result.skipped.length > 0 ? onlySkipped(result.skipped) : 'No .c or .h files found in the given paths.',
    );
  await write(process.stdout, await report(result, options, directory));
  await tellSkipped(result, options);
  if (unwritten) return 2;
  if (result.findings.length > 0) return 1;
  if (result.unreadable === result.files) throw new Usage(onlySkipped(result.skipped));
  return 0;
}

/** What is wrong in a configuration file, a line each, as compilers say it. */
function mistakes({ file, text, problems }: ConfigurationFile): string {
  const lines = new LineTable(text);
  const shown = path.relative('.', file) || '.';
  return problems
    .map(({ start, message }) => {
      const { line, column } = lines.position(start);
      return `${shown}:${line + 1}:${column + 1}: error: ${message}\n`;
    })
    .join('');
}

/** The way of the program with `--patch`. */
async function lintPatch(
  patch: PatchOptions,
  options: Options,
  directory: string,
  configurations: Configurations,
  choice: RuleChoice,
): Promise<number> {
  const result = await runPatch(patch, directory, configurations, choice);
  refuseMistakes(configurations);
  const answer = options.reply ? reply(result) : await report(result, options, directory);
  await write(process.stdout, answer);
  await tellSkipped(result, options);
  if (options.reply && answer === '')
    await write(process.stderr, 'ism-lint: No findings, so there is no reply.\n');
  return result.findings.length > 0 ? 1 : 0;
}

/** What was not looked at, where the report itself has no place for it. */
async function tellSkipped({ skipped }: RunResult, { format, statistics, reply }: Options): Promise<void> {
  if (format !== 'gcc' && !statistics && !reply) return;
  await write(
    process.stderr,
    skipped.map(({ file, reason }) => `ism-lint: ${file}: skipped: ${reason}\n`).join(''),
  );
}

function onlySkipped(skipped: readonly { file: string; reason: string }[]): string {
  const [first] = skipped;
  return skipped.length === 1 && first
    ? `${first.file} could not be linted. ${first.reason}`
    : `None of the ${skipped.length} files could be linted.`;
}

/**
 * The program.
 * @param args its arguments
 * @param directory the folder of the bundle, which also holds the WASM files
 * @returns its exit status
 */
export async function commandLine(args: readonly string[], directory: string): Promise<number> {
  try {
    return await run(args, directory);
  } catch (error) {
    if (error instanceof ConfigurationMistakes) {
      await write(process.stderr, error.files.map(mistakes).join(''));
      return 2;
    }
    const sentence = error instanceof Usage ? error.message : `It failed: ${errorMessage(error)}.`;
    await write(process.stderr, `ism-lint: ${sentence}\n`);
    return 2;
  }
}
