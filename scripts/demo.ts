/** `npm run demo`: sets everything up and shows the main job; with `--check` it does the job itself and reports. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openSetup } from '../setup/context';
import { SetupError } from '../setup/setupError';
import { checkMainJob } from '../workbench/jobs/checkMainJob';
import { takePictures } from '../workbench/pictures/pictures';
import { setStage } from '../workbench/stage';

const USAGE = `usage: npm run demo [-- --check] [--screenshots] [--shots DIR]
  (nothing)      start the simulated s390 host and the workbench, print the URL, end with Ctrl+C
  --check        do the main job in the workbench without a person, save screenshots, exit 0 or 1
  --screenshots  take the pictures of every view in light, dark and high contrast, into media/
  --shots DIR    where --check and --screenshots put their pictures
  --help         print this
Cached downloads live in ISM_CACHE or ~/.cache/ism-driver-tools; ISM_DEBIAN_MIRROR names a Debian mirror.`;

interface Arguments {
  readonly check: boolean;
  readonly screenshots: boolean;
  readonly shots?: string;
  readonly help: boolean;
}

function readArguments(): Arguments {
  try {
    const { values } = parseArgs({
      options: {
        check: { type: 'boolean', default: false },
        screenshots: { type: 'boolean', default: false },
        shots: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const { check, screenshots, shots, help } = values;
    return { check, screenshots, help, ...(shots === undefined ? {} : { shots }) };
  } catch (error) {
    console.error(`demo: ${(error as Error).message.split('\n')[0]}\n${USAGE}`);
    process.exit(2);
  }
}

/** Resolves at the first Ctrl+C, SIGTERM or SIGHUP. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

async function show(root: string): Promise<number> {
  const wanted = interrupted();
  const stage = await setStage(openSetup(), root);
  console.log(`
The workbench:  ${stage.url}
The host:       ssh -F ${stage.lab.sshConfigFile} ${stage.lab.alias}
Stores it saw:  ${stage.lab.storeLog}

Try: the ISM view at the left edge; F1, "ISM: Connect"; drivers/vfio/pci/ism/main.c with its warning.
Ctrl+C ends everything.`);
  const first = await Promise.race([
    wanted.then(() => 'asked'),
    stage.codeServer.ended.then(() => 'the workbench ended by itself'),
    stage.lab.ended.then(() => `the simulated host ended by itself (console: ${stage.lab.consoleLog})`),
  ]);
  console.log(first === 'asked' ? '\ndemo: ending what was started' : `demo: ${first}`);
  await stage.end();
  return first === 'asked' ? 0 : 1;
}

async function main(): Promise<number> {
  const { check, screenshots, shots, help } = readArguments();
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const root = process.cwd();
  if (screenshots) {
    const large = await takePictures(openSetup(), root, path.resolve(shots ?? 'media'));
    for (const file of large) console.error(`demo: ${file} is larger than 150 KB`);
    return large.length === 0 ? 0 : 1;
  }
  if (!check) return show(root);
  const results = await checkMainJob(
    openSetup(),
    root,
    path.resolve(shots ?? path.join('artifacts', 'demo')),
  );
  const failed = results.filter((result) => result.error !== undefined).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof SetupError ? `demo: ${error.message}` : error);
    process.exit(2);
  },
);
