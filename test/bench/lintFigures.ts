/** What ism-lint costs as a whole process, beside one rule of Coccinelle over the same tree in the same run. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { SetupContext } from '../../setup/context';
import { ensureHostTool } from '../../setup/hostTools';
import { linuxSource } from '../../setup/linuxSource';
import { median, type Figure } from './figure';

const program = path.resolve('dist/server/ism-lint.js');
const patch = path.resolve('test/bench/regionInfoUnknownIndex.cocci');
const rounds = 9;

function seconds(run: () => SpawnSyncReturns<string>): { readonly time: number; readonly output: string } {
  const start = performance.now();
  const { stdout, stderr, error } = run();
  const time = (performance.now() - start) / 1000;
  if (error) throw error;
  return { time, output: `${stdout}${stderr}` };
}

/** All rules against one, in turn, so that whatever else the machine does hits both. */
async function againstCoccinelle(setup: SetupContext, vfio: string): Promise<Figure[]> {
  const spatch = await ensureHostTool(setup, 'spatch');
  const library = path.join(path.dirname(spatch.path), '..', 'lib', 'coccinelle');
  const env = {
    ...process.env,
    ...spatch.env,
    ...(existsSync(library) ? { COCCINELLE_HOME: library } : {}),
  };
  const options = { encoding: 'utf8' as const, env };
  const args = ['--very-quiet', '--sp-file', patch, '--dir', vfio];
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) {
    const theirs = seconds(() => spawnSync(spatch.path, args, options));
    if (!/pci\/ism\/main\.c:\d+/.test(theirs.output))
      throw new Error(`Coccinelle did not find what it should:\n${theirs.output}`);
    times.theirs.push(theirs.time);
    const ours = seconds(() =>
      spawnSync(process.execPath, [program, '--format', 'gcc', vfio], { encoding: 'utf8' }),
    );
    if (!ours.output.includes('region-info-unknown-index')) throw new Error(ours.output);
    times.ours.push(ours.time);
  }
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  return [
    { name: 'ism-lint over drivers/vfio, all rules, median', value: ours, unit: 's' },
    { name: 'Coccinelle over drivers/vfio, one rule, median', value: theirs, unit: 's' },
    { name: 'ism-lint, against Coccinelle', value: ours / theirs, unit: 'x', budget: 1 },
  ];
}

/** The most memory that linting a folder takes, in MB. */
function memory(folder: string): number {
  const script =
    'process.on("exit", () => process.stderr.write("\\nmaxRSS " + process.resourceUsage().maxRSS));' +
    `process.argv.splice(1, 0, ${JSON.stringify(program)}); require(${JSON.stringify(program)});`;
  const { stderr } = spawnSync(process.execPath, ['-e', script, '--', '--statistics', folder], {
    encoding: 'utf8',
  });
  const kilobytes = /maxRSS (\d+)/.exec(stderr)?.[1];
  if (kilobytes === undefined) throw new Error(stderr);
  return Number(kilobytes) / 1024;
}

function* cFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* cFiles(file);
    else if (/\.[ch]$/.test(entry.name)) yield file;
  }
}

/** Files of the kernel that do not concern the rules, until they have so many lines. */
function unconcerned(folder: string, wanted: number): { readonly files: string[]; readonly lines: number } {
  const files: string[] = [];
  let lines = 0;
  for (const part of ['fs', 'net', 'mm', 'kernel'])
    for (const file of cFiles(path.join(folder, part))) {
      if (lines >= wanted) return { files, lines };
      files.push(file);
      lines += readFileSync(file).filter((byte) => byte === 10).length;
    }
  return { files, lines };
}

/** The figures of ism-lint. */
export async function lintFigures(setup: SetupContext): Promise<Figure[]> {
  const vfio = path.join((await linuxSource(setup)).folder, 'drivers/vfio');
  const figures = await againstCoccinelle(setup, vfio);
  figures.push({ name: 'ism-lint over drivers/vfio, memory', value: memory(vfio), unit: 'MB', budget: 200 });
  const whole = await linuxSource(setup, '7.2', 'kernel');
  const { files, lines } = unconcerned(whole.folder, 1_000_000);
  const { time, output } = seconds(() =>
    spawnSync(process.execPath, [program, '--statistics', ...files], { encoding: 'utf8' }),
  );
  if (!output.includes(`${files.length} files`)) throw new Error(output);
  figures.push({ name: `ism-lint over ${lines} lines of no concern`, value: time, unit: 's', budget: 10 });
  return figures;
}
