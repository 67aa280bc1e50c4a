import { parseArgs } from 'node:util';
import type { PatchOptions } from './patchCommand';
import { rules } from '../rules/rules';
import { likeRule } from '../lint/likeRule';
import { Usage } from './usage';

const formats = ['text', 'json', 'gcc', 'sarif'] as const;
type Format = (typeof formats)[number];

export const help = `Usage: ism-lint [options] FILE|FOLDER...
       ism-lint --patch FILE|- [--tree DIR] [--reply] [options]

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
  --config FILE       take this configuration instead of the nearest .ism-lint.json
  --no-config         take none
  --patch FILE|-      look at a patch instead: a git diff, a file of git format-patch, an mbox
                      or a mail that quotes a patch, also in parts
  --tree DIR          apply the patch to these sources, in memory, and look at the whole
  --reply             print the findings as an answer to the mail, for a mailing list
  --explain RULE      print the page of a rule
  --list-rules        print the rules
  --help              print this
  --version           print the version

Exit status: 0 nothing found, 1 findings, 2 could not run.
What a .ism-lint.json may set says its schema, dist/server/ism-lint.schema.json.
A finding is suppressed by a comment with a reason on its line, on the line before,
or before its function: /* ism-lint-ignore RULE: reason */
`;

const guess = (id: string): string => {
  const near = likeRule(
    id,
    rules.map((rule) => rule.id),
  );
  return near === undefined ? '' : ` Did you mean '${near}'?`;
};

/** The error for a rule that does not exist. */
export const noSuchRule = (id: string): Usage =>
  new Usage(`There is no rule '${id}'.${guess(id)} --list-rules prints all rules.`);

/** What the program was asked to do. */
export interface Options {
  readonly format: Format;
  readonly statistics: boolean;
  readonly fix: 'none' | 'safe' | 'all';
  readonly only: readonly string[];
  readonly allRules: boolean;
  /** The configuration file to take; null for none, undefined to look for one. */
  readonly config: string | null | undefined;
  readonly explain: string | undefined;
  readonly listRules: boolean;
  readonly paths: readonly string[];
  readonly patch: PatchOptions | undefined;
  readonly reply: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/**
 * Reads the arguments.
 * @throws Usage in one sentence for what makes no sense
 */
export function parseOptions(args: readonly string[]): Options {
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
        config: { type: 'string' },
        'no-config': { type: 'boolean' },
        patch: { type: 'string' },
        tree: { type: 'string' },
        reply: { type: 'boolean' },
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
  const { patch, tree } = values;
  if (patch === undefined && (tree !== undefined || values.reply))
    throw new Usage(`--${tree === undefined ? 'reply' : 'tree'} goes with a patch; name it with --patch.`);
  if (patch !== undefined && positionals.length > 0)
    throw new Usage('With --patch no files are named; the patch says which it is about.');
  if (patch !== undefined && (values.fix || values['unsafe-fixes']))
    throw new Usage('A patch cannot be fixed; apply it first and run --fix on the files.');
  if (values.reply && (values.format !== undefined || values.statistics))
    throw new Usage('--reply prints a mail; it does not go with --format or --statistics.');
  if (values.statistics && format !== 'text')
    throw new Usage('--statistics prints a table of its own; it does not go with --format.');
  if (values.config !== undefined && values['no-config'])
    throw new Usage('--config and --no-config exclude each other.');
  const only = (values.rule ?? []).flatMap((each) => each.split(',')).map((each) => each.trim());
  const stranger = only.find((each) => !rules.some(({ id }) => id === each));
  if (stranger !== undefined) throw noSuchRule(stranger);
  return {
    format,
    only,
    allRules: values['all-rules'] ?? false,
    patch: patch === undefined ? undefined : { patch, tree },
    reply: values.reply ?? false,
    statistics: values.statistics ?? false,
    fix: values['unsafe-fixes'] ? 'all' : values.fix ? 'safe' : 'none',
    config: values['no-config'] ? null : values.config,
    explain: values.explain,
    listRules: values['list-rules'] ?? false,
    paths: positionals,
    help: values.help ?? false,
    version: values.version ?? false,
  };
}
