/** `npm test`: static checks, unit tests, the simulated host, the extension host and the main job. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { buildHelper, buildNativeHelper } from '../helper/build';
import { isKernelBuilt } from '../lab/kernel/build';
import { openSetup } from '../setup/context';
import { ensureHostTool, loginShells } from '../setup/hostTools';
import { linuxSource } from '../setup/linuxSource';
import { SetupError } from '../setup/setupError';
import { workbench } from '../setup/workbench';
import { extensionHostTests } from './extensionHost/launch';
import type { TestReport } from './support/runMocha';
import { check, mochaEach, testFiles, type TestGroup } from './support/stages';
import { checkMainJob } from '../workbench/jobs/checkMainJob';
import { checkHostileHosts, checkLoopback, checkRestrictedMode } from './workbench/jobs';

const PARTS = ['static', 'unit', 'integration', 'host', 'job'] as const;
type Part = (typeof PARTS)[number];

/** `npm test -- unit client/journal/crash -g "kill -9"`: parts, then files (a piece of the path is enough), then a pattern of titles. */
interface Choice {
  readonly parts: readonly string[];
  readonly files: readonly string[];
  readonly pattern: string | undefined;
}

function readArguments(args: readonly string[]): Choice {
  const at = args.findIndex((arg) => arg === '-g' || arg === '--grep');
  const names = at < 0 ? args : args.filter((_, index) => index !== at && index !== at + 1);
  return {
    parts: names.filter((name) => PARTS.includes(name as Part)),
    files: names.filter((name) => !PARTS.includes(name as Part)),
    pattern: at < 0 ? undefined : (args[at + 1] ?? ''),
  };
}

const choice = readArguments(process.argv.slice(2));

/** The files that were asked for. */
const chosen = (files: readonly string[]): string[] =>
  choice.files.length === 0
    ? [...files]
    : files.filter((file) => choice.files.some((part) => file.includes(part.replace(/\.ts$/, ''))));

const root = process.cwd();
const nameOf = (file: string): string => path.relative(path.join(root, 'dist', 'test'), file);

/** The unit tests of each part of the project, those that take longest first. */
function byFolder(files: readonly string[]): TestGroup[] {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const part = nameOf(file).split(path.sep)[0] ?? '';
    groups.set(part, [...(groups.get(part) ?? []), file]);
  }
  const order = ['server', 'helper', 'client'];
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...groups]
    .map(([name, each]) => ({ name, files: each }))
    .sort((a, b) => rank(a.name) - rank(b.name));
}
const setup = openSetup();
const bin = (name: string): string => path.join(root, 'node_modules', '.bin', name);

const runPart: Record<Part, () => Promise<TestReport[]>> = {
  async static() {
    const format = await ensureHostTool(setup, 'clang-format');
    const sources = ['helper', 'lab/modules', 'test/fixtures/lab', 'test/fixtures/helper'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.[ch]$/.test(name))
        .map((name) => path.join(folder, name)),
    );
    return Promise.all([
      check('types', bin('tsc'), ['-p', '.'], root),
      check('ESLint', bin('eslint'), ['.'], root),
      check('Prettier', bin('prettier'), ['--check', '--log-level=warn', '.'], root),
      check(
        'clang-format',
        format.path,
        ['--style=file:helper/.clang-format', '--dry-run', '--Werror', ...sources],
        root,
        format.env,
      ),
    ]);
  },
  async unit() {
    const folders = [
      'client',
      'helper',
      'server',
      'protocol',
      'storescript',
      'lab',
      'setup',
      'scripts',
      'packaging',
    ];
    const present = readdirSync(path.join(root, 'dist', 'test'));
    const files = chosen(testFiles(root, ...folders.filter((name) => present.includes(name))));
    if (files.length === 0) return [];
    // Only the helper's tests need a compiler.
    const env: Record<string, string> = {};
    if (files.some((file) => file.includes(`${path.sep}helper${path.sep}`)))
      env['ISM_NATIVE_HELPER'] = JSON.stringify(await buildNativeHelper(setup, root));
    return mochaEach(root, byFolder(files), env, 20_000);
  },
  async integration() {
    const source = await linuxSource(setup);
    const helper = await buildHelper(setup, root);
    const host = await workbench(setup, root);
    const openssh = { ssh: await ensureHostTool(setup, 'ssh'), sshd: await ensureHostTool(setup, 'sshd') };
    const env = {
      ISM_BUILT: '1',
      ISM_LINUX_SOURCE: source.folder,
      ISM_HELPER: helper,
      ISM_NATIVE_HELPER: JSON.stringify(await buildNativeHelper(setup, root)),
      ISM_C_GRAMMAR: host.cGrammar,
      ISM_OPENSSH: JSON.stringify(openssh),
      ISM_SHELLS: JSON.stringify(await loginShells(setup)),
    };
    const files = chosen(testFiles(root, 'test')).filter((file) => !file.includes('/extensionHost/'));
    // Those that need no host come last, when there is no host to wait for any more.
    const needsNoHost = (file: string): number => Number(file.includes('/source/'));
    files.sort((a, b) => needsNoHost(a) - needsNoHost(b));
    const groups = files.map((file) => ({ name: nameOf(file), files: [file] }));
    return mochaEach(root, groups, env, 180_000);
  },
  async host() {
    return [await extensionHostTests(setup, root)];
  },
  async job() {
    const shots = path.join(root, 'artifacts', 'test');
    const jobs = {
      main: checkMainJob,
      loopback: checkLoopback,
      restricted: checkRestrictedMode,
      hostile: checkHostileHosts,
    };
    const results = [];
    for (const [name, job] of Object.entries(jobs))
      if (choice.files.length === 0 || choice.files.includes(name))
        results.push(...(await job(setup, root, shots)));
    const failures = results.flatMap(({ name, error }) => (error ? [{ title: name, error }] : []));
    return [
      { passed: results.length - failures.length, failed: failures.length, skipped: 0, skips: [], failures },
    ];
  },
};

/** Labs of this run take the lab's own kernel when it costs nothing, unless the environment says which. */
function chooseKernel(): void {
  process.env['ISM_LAB_KERNEL'] ||= isKernelBuilt(setup, 'lab') ? 'lab' : 'debian';
  console.log(`Simulated hosts run the kernel '${process.env['ISM_LAB_KERNEL']}'.`);
}

const detailOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

async function main(): Promise<number> {
  const { parts, files, pattern } = choice;
  if (files.length > 0 && !parts.some((part) => ['unit', 'integration', 'job'].includes(part))) {
    console.error(
      `npm test: '${files[0]}' is neither a part (${PARTS.join(', ')}) nor a file of one; name a file behind unit or integration, or a job behind job.`,
    );
    return 2;
  }
  if (pattern !== undefined) process.env['ISM_TEST_PATTERN'] = pattern;
  chooseKernel();
  const reports: TestReport[] = [];
  for (const part of PARTS) {
    if (parts.length > 0 && !parts.includes(part)) continue;
    const start = Date.now();
    console.log(`\n== ${part}`);
    try {
      reports.push(...(await runPart[part]()));
    } catch (error) {
      // The other parts still have something to say.
      const why = error instanceof SetupError ? error.message : detailOf(error);
      console.log(why);
      reports.push({
        passed: 0,
        failed: 1,
        skipped: 0,
        skips: [],
        failures: [{ title: `setting up ${part}`, error: why }],
      });
    }
    console.log(`== ${part}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
  }
  for (const { title, error } of reports.flatMap((report) => report.failures))
    console.log(`\nFAILED ${title}\n${error}`);
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    reports.reduce((n, report) => n + report[key], 0);
  for (const title of reports.flatMap((report) => report.skips)) console.log(`SKIPPED ${title}`);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
  return sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof SetupError ? `npm test: ${error.message}` : error);
    console.log('\n0 passed, 1 failed');
    process.exit(2);
  },
);
