/**
 * `npm run try-debug`: Try my driver on the lab's *debug* kernel, where KASAN and lockdep find what the others keep silent about. It
 * is no part of `npm test`, since that kernel takes minutes to be built.
 */
import assert from 'node:assert/strict';
import { buildHelper } from '../helper/build';
import { startLab } from '../lab/api';
import { openSetup } from '../setup/context';
import { linuxSource } from '../setup/linuxSource';
import { DriverTrials, type Trial } from './harness/driverTrials';

interface Mistake {
  readonly name: string;
  /** At the start of the function that answers for regions. */
  readonly statements: readonly string[];
  /** In the line to which the report belongs. */
  readonly line: string;
  readonly title: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  // Before the other one: lockdep gives up once KASAN has found the kernel damaged (mm/kasan/report.c).
  {
    name: 'lock inversion',
    statements: [
      'static DEFINE_MUTEX(one);',
      'static DEFINE_MUTEX(two);',
      'mutex_lock(&one);',
      'mutex_lock(&two);',
      'mutex_unlock(&two);',
      'mutex_unlock(&one);',
      'mutex_lock(&two);',
      'mutex_lock(&one); /* the wrong way round */',
      'mutex_unlock(&one);',
      'mutex_unlock(&two);',
    ],
    line: 'the wrong way round',
    title: /circular locking dependency/,
  },
  {
    name: 'use after free',
    statements: [
      'volatile u8 *gone = kmalloc(64, GFP_KERNEL);',
      'kfree((void *)gone);',
      'info->flags = gone[8];',
    ],
    line: 'gone[8]',
    title: /^BUG: KASAN: slab-use-after-free/,
  },
];

const plant = (driver: string, statements: readonly string[]): string =>
  driver.replace(
    /\n\tswitch \(info->index\) \{/,
    `\n\t{\n${statements.map((one) => `\t\t${one}\n`).join('')}\t}\n$&`,
  );

async function main(): Promise<number> {
  const setup = openSetup();
  const source = await linuxSource(setup);
  process.env['ISM_HELPER'] = await buildHelper(setup, process.cwd());
  // It reads ISM_HELPER when it is loaded.
  const { LabHost } = await import('./labHost');
  const lab = await startLab({ setup, kernel: 'debug' });
  const trials = new DriverTrials(source.folder, lab.driverBuildFile);
  const person = new LabHost(lab);
  const seconds = (trial: Trial): string => (trial.ms / 1000).toFixed(1);
  let failed = 0;
  try {
    await person.host.connect();
    const clean = await trials.run(person.host);
    assert.equal(clean.steps.get('log'), '', clean.output);
    console.log(`the real driver: nothing reported (${seconds(clean)} s, cold)`);
    for (const { name, statements, line, title } of MISTAKES) {
      trials.save(plant(trials.unchanged, statements));
      const trial = await trials.run(person.host);
      const found = trial.reports.find(({ report }) => title.test(report.title));
      const right = found?.at?.file === trials.file && found.at.line === trials.lineOf(line);
      if (!right) failed++;
      const where = found ? `${found.report.title} -> line ${found.at?.line ?? '?'}` : 'not reported';
      console.log(
        `${right ? 'ok  ' : 'FAILED'} ${name}: ${where}, planted in line ${trials.lineOf(line)} (${seconds(trial)} s)`,
      );
      if (!right) console.log(trial.output);
    }
  } finally {
    person.end();
    trials.end();
    await lab.stop();
  }
  return failed === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
