/** ism-run: from the command line to an exit code. */
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { check, isRunnable, type Script, type ScriptTest } from '../../storescript/checker';
import { openSession } from '../helper/remote';
import { CancelledError } from '../base/cancelled';
import { sentenceOf, UserError } from '../base/userError';
import { StoreJournal } from '../journal/journal';
import { help, parseOptions, type Options } from './options';
import { parseDestination } from '../ssh/destination';
import { neutralise } from '../../protocol/remoteText';
import { explanation, junit, tap, type Ran } from './reports';
import { runAll, type Wanted } from './runAll';
import { readScriptFile } from './scriptFile';
import { noTrust, terminalPrompts } from './terminal';
import { Usage } from './usage';

/** Where the program writes; tests give functions. */
export interface Output {
  readonly out: (text: string) => void;
  /** For people: what happens and what is wrong. */
  readonly err: (text: string) => void;
}

export const EXIT = { passed: 0, failed: 1, usage: 2, trouble: 3, interrupted: 130 } as const;

/**
 * @param directory of the bundle, where the helper is looked for
 * @param signal ends the run: the test that runs is stopped on the host, the others are not begun
 */
export async function commandLine(
  args: readonly string[],
  directory: string,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.help || options.version) {
      output.out(options.help ? help : `${versionOf(directory)}\n`);
      return EXIT.passed;
    }
    refuseWrong(options);
    // A file that is named twice, as by two patterns of a shell, is run once: no store is sent that nobody meant.
    const files = [...new Map(options.files.map((file) => [path.resolve(file), file])).values()];
    const scripts = files.map((file) => ({ file, script: readScript(file, output) }));
    const wrong = scripts.filter(({ script }) => !isRunnable(script)).length;
    if (wrong > 0)
      throw new Usage(`${wrong === 1 ? 'A script is' : `${wrong} scripts are`} wrong, so nothing was run.`);
    const wanted = choose(scripts, options);
    if (options.dryRun) {
      const stores = wanted.reduce((sum, { test }) => sum + test.stores, 0);
      output.err(
        `ism-run: ${counted(wanted.length, 'test')} with ${counted(stores, 'store')} could be run; nothing was.\n`,
      );
      return EXIT.passed;
    }
    return await run(wanted, options, directory, output, signal);
  } catch (error) {
    const sentence =
      error instanceof CancelledError ? 'Nothing was run: connecting was cancelled.' : sentenceOf(error);
    output.err(`ism-run: ${sentence}\n`);
    if (error instanceof Usage) return EXIT.usage;
    return signal.aborted ? EXIT.interrupted : EXIT.trouble;
  }
}

const counted = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

/** What the host would be reached for in vain. @throws Usage */
function refuseWrong({ host, reports }: Options): void {
  if (host !== undefined)
    try {
      parseDestination(host);
    } catch (error) {
      throw new Usage(sentenceOf(error));
    }
  for (const { file } of reports)
    if (file !== undefined)
      try {
        if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
          throw new Usage(`The report ${file} is a folder.`);
        accessSync(existsSync(file) ? file : path.dirname(file), constants.W_OK);
      } catch (error) {
        if (error instanceof Usage) throw error;
        throw new Usage(`The report ${file} cannot be written (${sentenceOf(error)}).`);
      }
}

function readScript(file: string, output: Output): Script {
  const text = readScriptFile(file);
  const script = check(text);
  let line = 1;
  let begin = 0;
  // They come in the order of the text.
  for (const { start, severity, message, code, fix } of script.diagnostics) {
    for (let next = text.indexOf('\n', begin); next >= 0 && next < start; next = text.indexOf('\n', begin)) {
      line++;
      begin = next + 1;
    }
    if (severity === 'hint') continue;
    // The editor offers this word; here it has to be said, unless the message does.
    const word = /^Change to (.+)$/.exec(fix?.title ?? '')?.[1];
    const hint = word === undefined || message.includes(word) ? '' : ` Is ${word} meant?`;
    output.err(`${file}:${line}:${start - begin + 1}: ${severity}: ${message}${hint} [${code}]\n`);
  }
  return script;
}

/** The tests to run, each with its device. @throws Usage when there is none, or one has no device */
function choose(
  scripts: readonly { readonly file: string; readonly script: Script }[],
  options: Options,
): Wanted[] {
  const nameOf = (test: ScriptTest, file: string): string => test.name ?? path.basename(file, '.ism');
  const all = scripts.flatMap(({ file, script }) =>
    script.tests.map((test) => ({ file, name: nameOf(test, file), test })),
  );
  const missing = options.tests.find((name) => all.every((each) => each.name !== name));
  if (missing !== undefined) throw new Usage(`There is no test "${missing}" in what was named.`);
  const chosen = options.tests.length > 0 ? all.filter(({ name }) => options.tests.includes(name)) : all;
  if (chosen.length === 0) throw new Usage('There is no step in what was named, so there is nothing to run.');
  return chosen.flatMap((each) => {
    if (each.test.steps.length === 0) return [];
    const device = each.test.device ?? options.device;
    if (!device && !options.dryRun)
      throw new Usage(`"${each.name}" of ${each.file} names no device; write a device line, or --device.`);
    return [{ ...each, device: device ?? { by: 'address', value: '' } }];
  });
}

async function run(
  wanted: readonly Wanted[],
  options: Options,
  directory: string,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const helperFile = options.helper ?? path.join(directory, '..', 'helper', 'ism-helper-s390x');
  if (!existsSync(helperFile))
    throw new UserError(`The helper ${helperFile} does not exist; name it with --helper.`);
  const say = (line: string): void => output.err(`ism-run: ${line}\n`);
  const host = options.host ?? '';
  const session = await openSession({
    destination: host,
    ...(options.sshConfig === undefined ? {} : { sshConfigFile: options.sshConfig }),
    sudo: options.sudo,
    helperFile,
    prompts: terminalPrompts(say),
    trust: noTrust,
    report: options.verbose ? say : () => undefined,
    signal,
  });
  const journal = new StoreJournal(options.journal ?? stateFolder());
  await journal.recover();
  let ran: Ran[];
  // Standard output is for a report where one goes there.
  const human = options.reports.some(({ file }) => file === undefined) ? output.err : output.out;
  try {
    ran = await runAll(session, host, options.bind, wanted, journal, signal, say, (each) =>
      human(line(each)),
    );
  } finally {
    session.dispose();
  }
  writeReports(ran, options, output);
  const has = (...verdicts: string[]): boolean => ran.some(({ result }) => verdicts.includes(result.verdict));
  const passed = ran.filter(({ result }) => result.verdict === 'passed').length;
  const stores = ran.reduce((sum, { result }) => sum + result.stores.sent, 0);
  human(`${passed} of ${counted(ran.length, 'test')} passed, ${counted(stores, 'store')}\n`);
  if (has('unknown', 'trouble')) return EXIT.trouble;
  if (signal.aborted) return EXIT.interrupted;
  return has('failed', 'refused', 'stopped') ? EXIT.failed : EXIT.passed;
}

function line(ran: Ran): string {
  const { file, name, result } = ran;
  const passed = result.verdict === 'passed';
  const figures = `${(result.durationNs / 1e6).toFixed(1)} ms, ${counted(result.stores.sent, 'store')}`;
  const below = passed ? '' : `${explanation(ran).replace(/^/gm, '       ')}\n`;
  return `${(passed ? 'ok' : result.verdict).padEnd(6)} ${file}: ${neutralise(name)} (${figures})\n${below}`;
}

function writeReports(ran: readonly Ran[], options: Options, output: Output): void {
  for (const { kind, file } of options.reports) {
    const text = kind === 'junit' ? junit(ran) : tap(ran);
    if (file === undefined) output.out(text);
    else
      try {
        writeFileSync(file, text);
      } catch (error) {
        throw new UserError(`The report ${file} cannot be written (${sentenceOf(error)}).`);
      }
  }
}

const stateFolder = (): string =>
  path.join(process.env['XDG_STATE_HOME'] || path.join(homedir(), '.local', 'state'), 'ism-driver-tools');

/** The version of the package that the program belongs to. */
function versionOf(directory: string): string {
  try {
    const read: unknown = JSON.parse(readFileSync(path.join(directory, '..', '..', 'package.json'), 'utf8'));
    return (read as { version?: string }).version ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
