/** Store scripts in the simulated host: against the same stores by C, and how soon one stops. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSession, type RemoteSession } from '../../client/helper/remote';
import { runTest, type ScriptTarget } from '../../client/storeScripts/runTest';
import type { TestResult } from '../../client/storeScripts/testResult';
import { StoreJournal } from '../../client/journal/journal';
import { buildHelper } from '../../helper/build';
import { startLab, type Lab } from '../../lab/machine/api';
import type { SetupContext } from '../../setup/context';
import { check, type ScriptTest } from '../../storescript/checker';
import { Guest, installProgram } from '../../lab/machine/guestPrograms';
import { answering, noMemory } from '../support/person';
import { median, percentile, type Figure } from './figure';

const STEPS = 1000;
const STOPS = 20;
const LENGTH = 64;
const PLACE = 0x160000000000n;
const ROUNDS = 15;
const BURST_STORES = 100_000;
const BURST_TURNS = 100;
/** How many turns one helper makes. */
const HELPER_TURNS = 5;

function testOf(lines: readonly string[]): ScriptTest {
  const [test] = check(lines.join('\n')).tests;
  if (!test) throw new Error('there is no test in the script');
  return test;
}

/** One line a store, each to another place. */
const straight = (): string[] =>
  Array.from({ length: STEPS }, (_, i) => `store bar0 ${PLACE + BigInt(i * LENGTH)} counter ${LENGTH}`);

interface Stage {
  readonly lab: Lab;
  readonly guest: Guest;
  readonly shell: string;
  readonly session: RemoteSession;
  readonly journal: StoreJournal;
  /** Another session, with a helper of its own. */
  readonly open: () => Promise<RemoteSession>;
}

/**
 * Opens the function for one run, since the program of C opens it as well.
 *
 * @returns the result, and when it was there: that the function is closed then is no part of the run
 */
async function run(
  stage: Stage,
  test: ScriptTest,
  signal?: AbortSignal,
): Promise<TestResult & { readonly at: number }> {
  const { session, lab, journal } = stage;
  const { functions } = await session.channel.request('list', {});
  const fn = functions.find(({ address }) => address === lab.bdf);
  if (!fn) throw new Error('the function is not there');
  const { handle } = await session.channel.request('open', { address: lab.bdf });
  const target: ScriptTarget = {
    ...{ hostName: 'lab', target: 'lab', fn, handle },
    request: (op, params, sent) => session.channel.request(op, params, sent),
  };
  try {
    const result = await runTest(target, 'bench.ism', test, journal, signal);
    return { ...result, at: performance.now() };
  } finally {
    await session.channel.request('close', { handle });
  }
}

async function rateFigures(stage: Stage): Promise<Figure[]> {
  const test = testOf(straight());
  const looped = testOf([`repeat ${STEPS / 10}`, ...straight().slice(0, 10), 'end']);
  const byC: number[] = [];
  const byScript: number[] = [];
  const byLoop: number[] = [];
  const whole: number[] = [];
  const { guest, lab, shell } = stage;
  for (let round = 0; round < ROUNDS; round++) {
    const line = `march 0 0x${PLACE.toString(16)} ${LENGTH} ${STEPS}`;
    const said = await guest.run(`echo ${line} | ${shell} ${lab.bdf}`);
    byC.push(Number(said.split('\n').at(-1)) / 1e6);
    const start = performance.now();
    const result = await run(stage, test);
    whole.push(performance.now() - start);
    if (result.verdict !== 'passed') throw new Error(result.message);
    byScript.push(result.durationNs / 1e6);
    byLoop.push((await run(stage, looped)).durationNs / 1e6);
  }
  const [c, script, loop] = [byC, byScript, byLoop].map((values) => median(values)) as [
    number,
    number,
    number,
  ];
  return [
    { name: `${STEPS} stores of ${LENGTH} bytes by C, median`, value: c, unit: 'ms' },
    { name: `script of ${STEPS} steps, median on the host`, value: script, unit: 'ms' },
    {
      name: 'its time against that of C (a rate of 90 % is 1.11)',
      value: script / c,
      unit: 'x',
      budget: 1.11,
      note: `${((100 * c) / script).toFixed(1)} % of the rate`,
    },
    { name: 'the same number of stores in a repeat, against C', value: loop / c, unit: 'x', budget: 1.11 },
    { name: 'with journal, loading and opening, median', value: median(whole), unit: 'ms' },
  ];
}

/**
 * A burst against the same stores by C. Whatever else the machine does changes the time of a store by more than what is to be
 * seen, so the turns are short, and each burst is compared with what came just before and just after it. Where a process
 * happens to lie in memory makes it some percent faster or slower in the emulated machine, for as long as it lives: as each
 * turn of C is a process of its own, the helper is started anew every few turns.
 */
async function burstFigures(stage: Stage): Promise<Figure[]> {
  const { guest, lab, shell } = stage;
  const each = BURST_STORES / BURST_TURNS;
  const offset = `0x${PLACE.toString(16)}`;
  const byC = async (): Promise<number> => {
    // The helper has slept until it is asked, and what begins at once is faster in the emulated machine: so C sleeps, too.
    const line = `(sleep 0.2; echo march 0 ${offset} ${LENGTH} ${each})`;
    const said = await guest.run(`${line} | ${shell} ${lab.bdf}`);
    return Number(said.split('\n').at(-1));
  };
  const ratios: number[] = [];
  const noise: number[] = [];
  let total = 0;
  let before = await byC();
  let session = await stage.open();
  for (let turn = 0; turn < BURST_TURNS; turn++) {
    if (turn > 0 && turn % HELPER_TURNS === 0) {
      session.dispose();
      session = await stage.open();
      before = await byC();
    }
    const { handle } = await session.channel.request('open', { address: lab.bdf });
    const place = { handle, region: 0, offset, step: `0x${LENGTH.toString(16)}` };
    const result = await session.channel.request('burst', {
      ...{ ...place, size: LENGTH, seed: '0x1', count: each },
    });
    await session.channel.request('close', { handle });
    if (result.succeeded !== each) throw new Error(`${result.failed} stores of the burst failed`);
    const after = await byC();
    ratios.push((2 * result.durationNs) / (before + after));
    noise.push(after / before);
    total += result.durationNs;
    before = after;
  }
  session.dispose();
  const rate = (BURST_STORES / (total / 1e9)).toFixed(0);
  return [
    {
      ...{ name: `burst of ${BURST_STORES} stores against the same by C, in ${BURST_TURNS} turns` },
      ...{ unit: 'x', value: median(ratios), budget: 1.05 },
      note: `${rate} stores a second; C against itself ${median(noise).toFixed(2)}, from ${percentile(noise, 0.1).toFixed(2)} to ${percentile(noise, 0.9).toFixed(2)}`,
    },
  ];
}

async function stopFigures(stage: Stage): Promise<Figure[]> {
  const scripts: [string, string[]][] = [
    ['stores', ['repeat 1000000', `store bar0 ${PLACE} counter ${LENGTH}`, 'end']],
    ['a sleep', ['sleep 60s']],
    ['a burst', [`burst 1000000 bar0 ${PLACE} counter ${LENGTH}`]],
  ];
  const figures: Figure[] = [];
  for (const [name, lines] of scripts) {
    const times: number[] = [];
    for (let round = 0; round < STOPS; round++) {
      const abort = new AbortController();
      const ended = run(stage, testOf(lines), abort.signal);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const asked = performance.now();
      abort.abort();
      const { verdict, message, at } = await ended;
      times.push(at - asked);
      if (verdict !== 'stopped') throw new Error(message);
    }
    figures.push({
      ...{
        name: `from stop to the end of a script, in ${name}, worst of ${STOPS}`,
        value: Math.max(...times),
      },
      ...{ unit: 'ms', budget: 200, note: `median ${median(times).toFixed(0)} ms` },
    });
  }
  return figures;
}

export async function scriptFigures(setup: SetupContext, root: string): Promise<Figure[]> {
  const helperFile = await buildHelper(setup, root);
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-bench-'));
  const lab = await startLab({ setup });
  const guest = await Guest.login(lab);
  try {
    const open = (): Promise<RemoteSession> =>
      openSession({
        ...{ destination: lab.alias, sshConfigFile: lab.sshConfigFile, helperFile },
        ...{ prompts: answering(), trust: noMemory, report: () => undefined },
      });
    const session = await open();
    await session.channel.request('bind', { address: lab.bdf });
    const shell = await installProgram(setup, guest, 'vfioShell');
    const stage = { lab, guest, shell, session, journal: new StoreJournal(folder), open };
    const figures = [
      ...(await rateFigures(stage)),
      ...(await burstFigures(stage)),
      ...(await stopFigures(stage)),
    ];
    session.dispose();
    return figures;
  } finally {
    guest.leave();
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
