/**
 * `npm run lab`: starts the simulated s390 host alone, says how to reach it and runs until it is interrupted.
 */
import { parseArgs } from 'node:util';
import { defaultCacheFolder, openSetup } from '../setup/context';
import { SetupError } from '../setup/setupError';
import { startLab, type Lab } from './api';
import { removeCache } from './clean';

const usage = `usage: npm run lab -- [clean] [--name NAME] [--refresh]

Starts a simulated s390 host with one ISM function on this machine and runs until Ctrl+C.
What is missing (QEMU, kernel, compiler) is downloaded from Debian and kept in a cache folder.

  clean         remove the cache folder, with all keys and logs of labs
  --name NAME   a lab of its own beside the default one: its keys and, if free, its port last
  --refresh     ask the package index again for newer packages
  --help        show this

environment:
  ISM_CACHE           the cache folder (now ${defaultCacheFolder()})
  ISM_DEBIAN_MIRROR   a Debian mirror, when the machine's own sources name none
`;

/** What a user wrote cannot be understood; the message is one sentence. */
class UsageError extends Error {}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const [command, ...more] = positionals;
  if (more.length || (command !== undefined && command !== 'clean'))
    throw new UsageError(`'${positionals.join(' ')}' is no command of the lab; the only one is clean.`);
  if (values.name !== undefined && !/^[a-z0-9][a-z0-9-]{0,31}$/.test(values.name))
    throw new UsageError('A name of a lab is 1 to 32 lower-case letters, digits and dashes.');
  if (command === 'clean') console.log(await removeCache());
  else await run(values.name ?? 'default', values.refresh ?? false);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h' },
        name: { type: 'string' },
        refresh: { type: 'boolean' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.replace(/\. .*$/s, '.') : String(error));
  }
}

async function run(name: string, refresh: boolean): Promise<void> {
  const setup = openSetup({ refresh });
  const started = process.hrtime.bigint();
  console.error('lab: starting');
  const lab = await startLab({ setup, name });
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
      if (!asked) console.error(`lab: the guest has ended by itself (console: ${lab.consoleLog})`);
      resolve();
    });
  });
  console.error('lab: stopping');
  await lab.stop();
}

function describe(lab: Lab, seconds: number): void {
  console.log(`
The lab is running (${seconds.toFixed(1)} s), Linux ${lab.kernelRelease} on s390x, ISM function ${lab.bdf}.

  log in          ssh -F ${lab.sshConfigFile} ${lab.alias}
  as a plain user ssh -F ${lab.sshConfigFile} -l dev ${lab.alias}
  address         ${lab.user}@${lab.host}:${lab.port}
  key             ${lab.identityFile}
  known hosts     ${lab.knownHostsFile}
  stores          ${lab.storeLog}
  console         ${lab.consoleLog}

Ctrl+C ends it.`);
}

// Until the lab runs an interruption ends this process, and with it whatever it has started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

main(process.argv.slice(2)).then(
  () => process.exit(0),
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
