import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { jsonReport } from '../report/report';
import { textReport } from '../report/text';
import { NotFound } from './discover';
import { lint } from './run';

const help = `Usage: ism-lint [--format text|json] FILE|FOLDER...

Finds mistakes in vfio and zPCI drivers that the compiler does not see. Folders are
searched for *.c and *.h; a file that is named is linted whatever its name.

Options:
  --format text|json  how to report; json is described in protocol/lint.ts
  --help              print this
  --version           print the version

Exit status: 0 nothing found, 1 findings, 2 could not run.
A finding is suppressed by a comment with a reason on its line, on the line before,
or before its function: /* ism-lint-ignore RULE: reason */
`;

/** A mistake of whoever called the program. */
class Usage extends Error {}

interface Options {
  readonly format: 'text' | 'json';
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
  const format = values.format ?? 'text';
  if (format !== 'text' && format !== 'json')
    throw new Usage(`The format '${format}' is unknown; there are text and json.`);
  return { format, paths: positionals, help: values.help ?? false, version: values.version ?? false };
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

async function run(args: readonly string[], directory: string): Promise<number> {
  const options = parse(args);
  if (options.help || options.version) {
    await write(process.stdout, options.help ? help : `${version(directory)}\n`);
    return 0;
  }
  if (options.paths.length === 0) throw new Usage('Name a file or a folder to lint; --help says more.');
  const result = await lint(options.paths, directory);
  if (result.files === 0) throw new Usage('There is no *.c or *.h file in what was named.');
  if (options.format === 'json')
    await write(process.stdout, `${JSON.stringify(jsonReport(result), undefined, 2)}\n`);
  else await write(process.stdout, textReport(result, process.stdout.isTTY));
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
