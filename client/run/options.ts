/** The command line of ism-run. */
import { parseArgs } from 'node:util';
import type { DeviceName } from '../../storescript/checker';
import type { SudoChoice } from '../helper/helperStart';
import { Usage } from './usage';

export const help = `usage: ism-run FILE... --host HOST [OPTIONS]

Runs store scripts (*.ism) on a host. Their language: docs/reference/store-scripts.md.

  --host HOST           user@host:port, or a name of the ssh configuration
  --device DEVICE       the function of tests that name none: an address as 0051:00:00.0, or fid:0x61
  --bind                binds functions that no vfio driver has for the run, and gives them back after it
  --test NAME           runs this test only; may be repeated
  --report KIND[=FILE]  junit or tap, to standard output or a file; may be repeated
  --dry-run             checks the scripts and runs nothing; needs no host
  --ssh-config FILE     in place of ~/.ssh/config
  --sudo CHOICE         auto (sudo where it asks for nothing), never, ask
  --journal DIR         where every store is noted (default: ism-driver-tools in XDG_STATE_HOME or ~/.local/state)
  --helper FILE         the helper for the host (default: the one that came with this program)
  --verbose             tells what happens with the connection
  --version, --help

The host key has to be in known_hosts. Keys and the agent are used; passwords only where there is a terminal.

exit codes: 0 all tests passed, 1 a test failed, 2 the command line or a script is wrong (then nothing was run),
3 the host or a function could not be used or the link broke, 130 interrupted.
`;

export interface ReportWish {
  readonly kind: 'junit' | 'tap';
  /** Undefined for standard output. */
  readonly file: string | undefined;
}

export interface Options {
  readonly files: readonly string[];
  readonly host: string | undefined;
  readonly device: DeviceName | undefined;
  readonly bind: boolean;
  readonly tests: readonly string[];
  readonly reports: readonly ReportWish[];
  readonly dryRun: boolean;
  readonly sshConfig: string | undefined;
  readonly sudo: SudoChoice;
  readonly journal: string | undefined;
  readonly helper: string | undefined;
  readonly verbose: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

/** @throws Usage with one sentence */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parsed(args);
  if (!values.help && !values.version) {
    if (positionals.length === 0) throw new Usage('Name a script to run; --help says more.');
    if (!values['dry-run'] && values.host === undefined)
      throw new Usage('Name a host with --host, or check only with --dry-run.');
  }
  const reports = (values.report ?? []).map(reportOf);
  if (reports.filter(({ file }) => file === undefined).length > 1)
    throw new Usage('Only one report can go to standard output; write --report KIND=FILE for the others.');
  return {
    files: positionals,
    host: values.host,
    device: values.device === undefined ? undefined : deviceOf(values.device),
    bind: values.bind,
    tests: values.test ?? [],
    reports,
    dryRun: values['dry-run'],
    sshConfig: values['ssh-config'],
    sudo: sudoOf(values.sudo),
    journal: values.journal,
    helper: values.helper,
    verbose: values.verbose,
    version: values.version,
    help: values.help,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        host: { type: 'string' },
        device: { type: 'string' },
        bind: { type: 'boolean', default: false },
        test: { type: 'string', multiple: true },
        report: { type: 'string', multiple: true },
        'dry-run': { type: 'boolean', default: false },
        'ssh-config': { type: 'string' },
        sudo: { type: 'string', default: 'auto' },
        journal: { type: 'string' },
        helper: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    // Node's first sentence says what is wrong; the others give advice about its own interface.
    const [first = ''] = (error as Error).message.split(/[.\n]/);
    throw new Usage(`${first}; --help says what there is.`);
  }
}

function reportOf(text: string): ReportWish {
  const match = /^(junit|tap)(?:=(.+))?$/s.exec(text);
  if (!match) throw new Usage(`'${text}' is not a report; write junit, tap, junit=FILE or tap=FILE.`);
  return { kind: match[1] as ReportWish['kind'], file: match[2] };
}

function deviceOf(text: string): DeviceName {
  const fid = /^fid:(0x[0-9a-f]{1,8})$/.exec(text)?.[1];
  if (fid) return { by: 'fid', value: fid };
  if (/^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.test(text)) return { by: 'address', value: text };
  throw new Usage(`'${text}' is not a function; write an address as 0051:00:00.0, or fid:0x61.`);
}

function sudoOf(text: string): SudoChoice {
  if (text === 'auto' || text === 'never' || text === 'ask') return text;
  throw new Usage(`'${text}' is no choice for --sudo; write auto, never or ask.`);
}
