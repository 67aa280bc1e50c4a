/** `npm run fuzz -- helper EXECUTIONS [SEED [KINDS]]`: the helper's readers against input that nobody would send; see helper/fuzz/target.c. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildFuzzTarget } from '../../helper/fuzzBuild';
import { openSetup, type SetupContext } from '../../setup/context';

export interface FuzzResult {
  readonly executions: number;
  readonly seconds: number;
  /** Files with inputs that the helper did not survive, kept for whoever looks into it. */
  readonly findings: readonly string[];
  /** The last lines that libFuzzer wrote. */
  readonly report: string;
}

/**
 * Runs the target on its corpus and on what libFuzzer makes of it, until so many inputs are done or one is a finding.
 *
 * @param kept folder for findings and for the corpus as it grew
 * @param kinds which readers are wanted, by their letters in target.c; the requests cost much more than the others
 */
export async function fuzzHelper(
  setup: SetupContext,
  root: string,
  executions: number,
  seed: number,
  kept: string,
  show: (line: string) => void = () => undefined,
  kinds?: string,
): Promise<FuzzResult> {
  const target = await buildFuzzTarget(setup, root);
  const fuzz = path.join(root, 'helper', 'fuzz');
  const corpus = path.join(kept, 'corpus');
  mkdirSync(corpus, { recursive: true });
  for (const name of readdirSync(path.join(fuzz, 'corpus')))
    copyFileSync(path.join(fuzz, 'corpus', name), path.join(corpus, name));
  const started = performance.now();
  const child = spawn(
    target.path,
    [
      ...[`-runs=${executions}`, `-seed=${seed}`, `-dict=${path.join(fuzz, 'dictionary')}`],
      ...[
        `-artifact_prefix=${kept}/`,
        '-max_len=1024',
        '-timeout=20',
        '-rss_limit_mb=2048',
        '-print_final_stats=1',
      ],
      corpus,
    ],
    {
      env: {
        ...process.env,
        ...target.env,
        ...(kinds === undefined ? {} : { ISM_FUZZ_KINDS: kinds }),
        ASAN_OPTIONS: 'detect_leaks=1:quarantine_size_mb=8:malloc_context_size=4:max_malloc_fill_size=0',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const lines: string[] = [];
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      if (/^#\d+\s+(pulse|INITED|DONE)/.test(line)) show(line);
      lines.push(line);
      if (lines.length > 60) lines.shift();
    }
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const report = [...lines, rest].join('\n');
  const done = /stat::number_of_executed_units:\s*(\d+)/.exec(report)?.[1];
  const findings = readdirSync(kept).filter((name) => /^(crash|leak|timeout|oom)-/.test(name));
  if (code !== 0 && findings.length === 0) findings.push(`the target ended with ${code}`);
  return { executions: Number(done ?? 0), seconds: (performance.now() - started) / 1000, findings, report };
}

/** The command. @returns its exit code */
export async function fuzzHelperCommand(executions = 1_000_000, seed = 1, kinds?: string): Promise<number> {
  const kept = mkdtempSync(path.join(tmpdir(), 'ism-fuzz-helper-'));
  const say = (line: string): void => console.log(line);
  const result = await fuzzHelper(openSetup(), process.cwd(), executions, seed, kept, say, kinds);
  const minutes = (result.seconds / 60).toFixed(1);
  console.log(`${result.executions} executions in ${minutes} minutes: ${result.findings.length} findings`);
  if (result.findings.length > 0) {
    console.log(`${result.report}\nThe inputs are in ${kept}: ${result.findings.join(', ')}`);
    return 1;
  }
  rmSync(kept, { recursive: true });
  return 0;
}
