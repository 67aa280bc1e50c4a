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
does not see. Folders are searched for *.c and *.h; a named file is linted whatever its name.

Options:
  --format text|json|gcc|sarif  output format: json is described in protocol/lint.ts,
                      gcc suits the quickfix lists of editors, sarif is version 2.1.0
  --statistics        print only the number of findings per rule
  --fix               apply the safe fixes to the files
  --unsafe-fixes      apply all fixes; review the diff afterwards
  --rule RULE         run only this rule; repeatable, or a list with commas
  --all-rules         also run the rules that are off by default
  --config FILE       use this configuration instead of the nearest .ism-lint.json
  --no-config         use no configuration
  --patch FILE|-      lint a patch: a git diff, the output of git format-patch, an mbox,
                      or a mail that quotes all or parts of a patch
  --tree DIR          apply the patch to these sources, in memory, and lint whole files
  --reply             print the findings as a reply to the mail, for a mailing list
  --explain RULE      print the page of a rule
  --list-rules        print all rules
  --help              print this help
  --version           print the version

Exit status: 0 no findings, 1 findings, 2 failed.
The schema of .ism-lint.json is dist/server/ism-lint.schema.json.
To suppress a finding, write a comment with a reason on its line, on the line before,
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
  if (!format) throw new Usage(`Unknown format '${asked}'. Use text, json, gcc or sarif.`);
  const { patch, tree } = values;
  if (patch === undefined && (tree !== undefined || values.reply))
    throw new Usage(`--${tree === undefined ? 'reply' : 'tree'} needs a patch. Name it with --patch.`);
  if (patch !== undefined && positionals.length > 0)
    throw new Usage('--patch takes no other files: the patch names them.');
  if (patch !== undefined && (values.fix || values['unsafe-fixes']))
    throw new Usage('--fix does not change a patch. Apply the patch and run --fix on the files.');
  if (values.reply && (values.format !== undefined || values.statistics))
    throw new Usage('--reply prints a mail. Do not combine it with --format or --statistics.');
  if (values.statistics && format !== 'text')
    throw new Usage('--statistics prints its own table. Do not combine it with --format.');
  if (values.config !== undefined && values['no-config'])
    throw new Usage('Use either --config or --no-config.');
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
