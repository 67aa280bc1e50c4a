/**
 * `npm run lab`: starts the simulated s390 hosts alone, says how to reach them and runs until it is interrupted.
 */
import { parseArgs } from 'node:util';
import { defaultCacheFolder, openSetup } from '../setup/context';
import { SetupError } from '../setup/setupError';
import { startLab, type Lab, type LabOptions } from './machine/api';
import { removeCache } from './machine/clean';
import { control, controlHelp } from './control/commands';
import { serveControl } from './control/server';
import { kernelFlavours } from './kernel/flavour';
import { labModes } from './machine/machine';
import { selftest } from './selftest';
import { UsageError } from './base/usageError';

const usage = `usage: npm run lab -- [COMMAND] [OPTION ...]

Starts simulated s390 hosts with ISM functions on this machine and runs until Ctrl+C.
What is missing (QEMU, kernel, compiler) is downloaded from Debian and kept in a cache folder.

  --guests N       how many hosts, each with an ssh port of its own (1)
  --functions N    how many ISM functions each has (1)
  --mode MODE      whole: a store arrives as one block of 1 to 4096 bytes (default)
                   stock: what the unmodified driver and QEMU let through, 16 to 128 bytes
  --kernel KERNEL  debian: Debian's own (default); lab: built once, with iommufd, DIBS, ISM and SMC;
                   debug: lab with KASAN and lockdep
  --name NAME      a lab of its own beside the default one: its keys and, if free, its ports last
  --refresh        ask the package index again for newer packages
  --help           show this

commands:
  selftest         run the conformance tests
  clean            remove the cache folder, with all keys and logs of labs
${controlHelp()}

environment:
  ISM_CACHE           the cache folder (now ${defaultCacheFolder()})
  ISM_DEBIAN_MIRROR   a Debian mirror, when the machine's own sources name none
  ISM_LAB_KERNEL      the kernel when --kernel is not given
`;

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const [command, ...more] = positionals;
  const name = values.name ?? 'default';
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name))
    throw new UsageError('A name of a lab is 1 to 32 lower-case letters, digits and dashes.');
  if (command === 'ctl') {
    const output = await control(name, more);
    if (output) console.log(output);
    return;
  }
  if (more.length || (command !== undefined && command !== 'clean' && command !== 'selftest'))
    throw new UsageError(
      `'${positionals.join(' ')}' is no command of the lab; they are ctl, selftest, clean.`,
    );
  const setup = openSetup({ refresh: values.refresh ?? false });
  const choice = {
    mode: oneOf('mode', labModes, values.mode),
    kernel: oneOf('kernel', kernelFlavours, values.kernel),
    guests: count('guests', values.guests),
    functions: count('functions', values.functions),
  };
  if (command === 'clean') console.log(await removeCache());
  else if (command === 'selftest') process.exitCode = await selftest(setup, choice);
  else await run({ setup, name, ...given(choice) });
}

/** A value of an option that has a fixed set of them. */
function oneOf<T extends string>(
  option: string,
  values: readonly T[],
  text: string | undefined,
): T | undefined {
  if (text === undefined) return undefined;
  const value = values.find((one) => one === text);
  if (!value) throw new UsageError(`--${option} is ${values.join(' or ')}, not '${text}'.`);
  return value;
}

function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,3}$/.test(text)) throw new UsageError(`--${option} is a number, not '${text}'.`);
  return Number(text);
}

/** Leaves out what was not said, so that the defaults of startLab() hold. */
function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h' },
        name: { type: 'string' },
        mode: { type: 'string' },
        kernel: { type: 'string' },
        guests: { type: 'string' },
        functions: { type: 'string' },
        refresh: { type: 'boolean' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.replace(/\. .*$/s, '.') : String(error));
  }
}

async function run(options: LabOptions): Promise<void> {
  const started = process.hrtime.bigint();
  console.error('lab: starting');
  const lab = await startLab(options);
  await serveControl(lab);
  const seconds = Number((process.hrtime.bigint() - started) / 100_000_000n) / 10;
  describe(lab, seconds);
  await new Promise<void>((resolve) => {
    let asked = false;
    const end = (): void => {
      asked = true;
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.removeAllListeners(signal);
      process.on(signal, end);
    }
    void lab.ended.then(() => {
      if (!asked) console.error(`lab: a guest has ended by itself (its console is in ${lab.folder})`);
      resolve();
    });
  });
  console.error('lab: stopping');
  await lab.stop();
}

function describe(lab: Lab, seconds: number): void {
  const hosts = lab.guests.map(({ number, alias, port }) => {
    const own = lab.functions.filter(({ guest }) => guest === number).map(({ bdf }) => bdf);
    return `  ${alias.padEnd(15)} ${lab.user}@${lab.host}:${port}, ISM functions ${own.join(' ')}`;
  });
  console.log(`
The lab is running (${seconds.toFixed(1)} s), Linux ${lab.kernelRelease} on s390x, ${lab.mode} mode.

${hosts.join('\n')}

  log in          ssh -F ${lab.sshConfigFile} ${lab.alias}
  as a plain user ssh -F ${lab.sshConfigFile} -l dev ${lab.alias}
  key             ${lab.identityFile}
  known hosts     ${lab.knownHostsFile}
  driver build    ${lab.driverBuildFile}
  stores          ${lab.storeLog}
  console         ${lab.consoleLog}
  control         npm run lab -- ctl functions (--help lists more)

Ctrl+C ends it.`);
}

// Until the lab runs an interruption ends this process, and with it whatever it has started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: unknown) => {
    if (error instanceof UsageError) {
      console.error(`lab: ${error.message} (npm run lab -- --help)`);
      process.exit(2);
    }
    console.error(
      `lab: ${error instanceof SetupError ? error.message : String((error as Error).stack ?? error)}`,
    );
    process.exit(1);
  },
);
