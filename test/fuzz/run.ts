/**
 * `npm run fuzz -- EDITS [SEED]`: random edits on the real drivers; what the server keeps must equal a fresh start.
 * `npm run fuzz -- helper EXECUTIONS [SEED [KINDS]]`: the native helper against random requests and answers; see helper.ts.
 * `npm run fuzz -- scripts EDITS [SEED]`: random edits on a store script; see scriptEdits.ts for what must be true.
 * `npm run fuzz -- known-hosts|vfio-user|journal ROUNDS [SEED]`: damaged files and messages; each file says what must be true.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CParser } from '../../server/syntax/parser';
import { openSetup } from '../../setup/context';
import { linuxSource } from '../../setup/linuxSource';
import { fuzzMessages } from '../../lab/device/ism/fuzzMessages';
import { fuzzEdits } from './edits';
import { fuzzHelperCommand } from './helper';
import { fuzzJournal } from './journal';
import { fuzzKnownHosts } from './knownHosts';
import { fuzzScripts } from './scriptEdits';

const files = [
  'drivers/vfio/pci/ism/main.c',
  'drivers/vfio/pci/virtio/main.c',
  'drivers/vfio/pci/vfio_pci.c',
  'drivers/vfio/cdx/main.c',
  'drivers/vfio/platform/vfio_platform_common.c',
  'drivers/s390/cio/vfio_ccw_ops.c',
  'samples/vfio-mdev/mdpy.c',
];

/** Stops at the first text that breaks a promise, with that text in the message. */
function scripts(edits = 100_000, seed = 1): number {
  const { runnable, slowest } = fuzzScripts(edits, seed);
  console.log(`${edits} edits of a script: ${runnable} could be run, slowest ${slowest.toFixed(1)} ms`);
  return slowest <= 1000 ? 0 : 1;
}

/** What is read that others may have damaged, by the name of the command. */
const readers: Readonly<Record<string, (rounds: number, seed: number) => object | Promise<object>>> = {
  'known-hosts': fuzzKnownHosts,
  'vfio-user': fuzzMessages,
  journal: fuzzJournal,
};

async function main(): Promise<number> {
  const reader = readers[process.argv[2] ?? ''];
  if (reader) {
    const [rounds = 100_000, seed = 1] = process.argv.slice(3).map(Number);
    const started = performance.now();
    const found = await reader(rounds, seed);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${rounds} rounds in ${seconds} s, no promise broken: ${JSON.stringify(found)}`);
    return 0;
  }
  if (process.argv[2] === 'helper') {
    const [executions, seed, kinds] = process.argv.slice(3);
    return fuzzHelperCommand(Number(executions ?? 1_000_000), Number(seed ?? 1), kinds);
  }
  if (process.argv[2] === 'scripts') return scripts(...process.argv.slice(3).map(Number));
  const [edits = 1000, seed = 1] = process.argv.slice(2).map(Number);
  const { folder } = await linuxSource(openSetup());
  const parser = await CParser.load(path.resolve('dist/server'));
  const started = performance.now();
  let slowest = 0;
  let differences = 0;
  const chunk = 200;
  for (let done = 0; done < edits; done += chunk) {
    const file = files[(done / chunk) % files.length] ?? '';
    const text = readFileSync(path.join(folder, file), 'utf8');
    const result = fuzzEdits(parser, text, Math.min(chunk, edits - done), seed * 1_000_003 + done);
    slowest = Math.max(slowest, result.slowest);
    differences += result.differences;
    if (result.firstDifference !== undefined) {
      const kept = `fuzz-${seed}-${done}.c`;
      writeFileSync(kept, result.firstDifference);
      console.log(`${file}: what was kept gave something else than a fresh start; the text is in ${kept}`);
    }
    if ((done / chunk) % 50 === 49)
      console.log(`${done + chunk} edits, ${differences} differences, slowest ${slowest.toFixed(0)} ms`);
  }
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  console.log(
    `${edits} edits in ${minutes} minutes: ${differences} differences, slowest ${slowest.toFixed(0)} ms`,
  );
  return differences === 0 && slowest <= 1000 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(2);
  },
);
