import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gccReport, statistics } from '../report/gcc';
import { jsonReport, type RunResult } from '../report/report';
import { sarifReport } from '../report/sarif';
import { textReport } from '../report/text';
import { rules } from '../rules/rules';
import { NotFound } from './discover';
import { enabledRules } from './enabledRules';
import { applyFixes } from './fixes';
import { pageText } from './pages';
import { lint } from './run';

const formats = ['text', 'json', 'gcc', 'sarif'] as const;
type Format = (typeof formats)[number];

const help = `Usage: ism-lint [options] FILE|FOLDER...

Finds mistakes in vfio and zPCI drivers, and in programs that use them, that the compiler
does not see. Folders are searched for *.c and *.h; a file that is named is linted whatever
its name.

Options:
  --format text|json|gcc|sarif  how to report; json is described in protocol/lint.ts,
                      gcc is for the quickfix lists of editors, sarif is version 2.1.0
  --statistics        only count, rule by rule
  --fix               apply the safe fixes to the files
  --unsafe-fixes      apply the others as well; read the difference afterwards
  --rule RULE         run this rule only; may be repeated, and takes several with commas
  --all-rules         run the rules that are off by default as well
  --explain RULE      print the page of a rule
  --list-rules        print the rules
  --help              print this
  --version           print the version

Exit status: 0 nothing found, 1 findings, 2 could not run.
A finding is suppressed by a comment with a reason on its line, on the line before,
or before its function: /* ism-lint-ignore RULE: reason */
`;

/** A mistake of whoever called the program. */
class Usage extends Error {}

const noSuchRule = (id: string): Usage => new Usage(`There is no rule '${id}'; --list-rules prints them.`);

interface Options {
  readonly format: Format;
  readonly statistics: boolean;
  readonly fix: 'none' | 'safe' | 'all';
  readonly only: readonly string[];
  readonly allRules: boolean;
  readonly explain: string | undefined;
  readonly listRules: boolean;
  readonly paths: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

function parse(args: readonly string[]): Options {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: 'string' },
        statistics: { type: 'boolean' },
        fix: { type: 'boolean' },
        'unsafe-fixes': { type: 'boolean' },
        rule: { type: 'string', multiple: true },
        'all-rules': { type: 'boolean' },
        explain: { type: 'string' },
        'list-rules': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    // Node's sentence goes on with advice about positionals that does not fit here.
    const sentence = error instanceof Error ? (error.message.split(/[.;] |\. To /)[0] ?? '') : String(error);
    throw new Usage(sentence.replace(/\.?$/, '.'));
  }
  const { values, positionals } = parsed;
  const asked = values.format ?? 'text';
  const format = formats.find((each) => each === asked);
  if (!format) throw new Usage(`The format '${asked}' is unknown; there are text, json, gcc and sarif.`);
  const only = (values.rule ?? []).flatMap((each) => each.split(',')).map((each) => each.trim());
  const stranger = only.find((each) => !rules.some(({ id }) => id === each));
  if (stranger !== undefined) throw noSuchRule(stranger);
  return {
    format,
    statistics: values.statistics ?? false,
    fix: values['unsafe-fixes'] ? 'all' : values.fix ? 'safe' : 'none',
    only,
    allRules: values['all-rules'] ?? false,
    explain: values.explain,
    listRules: values['list-rules'] ?? false,
    paths: positionals,
    help: values.help ?? false,
    version: values.version ?? false,
  };
}

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
  return new Promise((resolve) => {
    // Who closes the pipe, as head does, has read enough.
    stream.once('error', () => resolve());
    stream.write(text, () => resolve());
  });
}

/** The rules with their severities, one a line, and below them why some are off. */
function ruleList(): string {
  const width = Math.max(...rules.map((rule) => rule.id.length));
  const lines = rules.map(
    ({ id, severity, title }) => `${id.padEnd(width)}  ${severity.padEnd(7)}  ${title}\n`,
  );
  const off = rules.flatMap(({ id, offByDefault }) => (offByDefault ? [`${id}: ${offByDefault}\n`] : []));
  if (off.length > 0)
    lines.push('\nOff by default (--all-rules, or --rule with its name, runs them):\n', ...off);
  return lines.join('');
}

/** Writes fixed files, and says in one line what was done. */
function fixFiles(result: RunResult, unsafe: boolean): string {
  const { texts, applied, left, unsafe: kept } = applyFixes(result.findings, result.textOf, unsafe);
  for (const [file, text] of texts) writeFileSync(file, text);
  const more = left > 0 ? `, ${left} overlap others: run it again` : '';
  const closed = kept > 0 ? `, ${kept} need --unsafe-fixes` : '';
  return `ism-lint: fixed ${applied} of ${result.findings.length} findings in ${texts.size} files${more}${closed}\n`;
}

function report(result: RunResult, options: Options, directory: string): string {
  if (options.statistics) return statistics(result);
  switch (options.format) {
    case 'json':
      return `${JSON.stringify(jsonReport(result), undefined, 2)}\n`;
    case 'gcc':
      return gccReport(result);
    case 'sarif': {
      const page = (rule: string): string | undefined => pageText(rule, directory);
      return `${JSON.stringify(sarifReport(result, rules, page, version(directory)), undefined, 2)}\n`;
    }
    case 'text':
      return textReport(result, process.stdout.isTTY);
  }
}

async function run(args: readonly string[], directory: string): Promise<number> {
  const options = parse(args);
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
  if (options.paths.length === 0) throw new Usage('Name a file or a folder to lint; --help says more.');
  const chosen = enabledRules({ all: options.allRules, only: options.only });
  let result = await lint(options.paths, directory, chosen);
  if (options.fix !== 'none') {
    await write(process.stderr, fixFiles(result, options.fix === 'all'));
    result = await lint(options.paths, directory, chosen);
  }
  if (result.files === 0) throw new Usage('There is no *.c or *.h file in what was named.');
  await write(process.stdout, report(result, options, directory));
  if (result.findings.length > 0) return 1;
  if (result.unreadable === result.files) throw new Usage(onlySkipped(result.skipped));
  return 0;
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
    const sentence =
      error instanceof NotFound
        ? `${error.message} does not exist.`
        : error instanceof Usage
          ? error.message
          : `It could not run: ${error instanceof Error ? error.message : String(error)}.`;
    await write(process.stderr, `ism-lint: ${sentence}\n`);
    return 2;
  }
}
