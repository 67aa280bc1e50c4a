/** `npm run bench`: what the language server, SSH and the helper cost; `-- --json` prints the figures for programs. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Linter } from '../../server/editor/linter';
import { CParser } from '../../server/syntax/parser';
import { openSetup } from '../../setup/context';
import { linuxSource } from '../../setup/linuxSource';
import { sshFigures } from './sshFigures';

/** One figure and what it may be at most. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Undefined where nothing is promised. */
  readonly budget: number | undefined;
  readonly ok: boolean;
}

function figure(name: string, value: number, unit: string, budget?: number): Figure {
  return {
    name,
    value: Math.round(value * 100) / 100,
    unit,
    budget,
    ok: budget === undefined || value <= budget,
  };
}

/** The time of the whole process of ism-lint with all rules, the median of five runs, in seconds. */
function wholeProcess(folder: string): number {
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    const start = performance.now();
    spawnSync(process.execPath, [path.resolve('dist/server/ism-lint.js'), '--statistics', folder]);
    times.push((performance.now() - start) / 1000);
  }
  return times.sort((a, b) => a - b)[2] ?? NaN;
}

/** The 95th percentile of linting a file after each of many keystrokes in it, in milliseconds. */
function keystrokes(parser: CParser, file: string): number {
  const linter = new Linter(parser);
  const original = readFileSync(file, 'utf8');
  const at = original.indexOf('default:');
  const typed = '\tret = foo_bar(vdev, 1);\n';
  const lint = (text: string): void => {
    linter.lintFolder(path.dirname(file), [{ uri: `file://${file}`, text }]);
  };
  lint(original);
  const times: number[] = [];
  for (let round = 0; round < 5; round++)
    for (let length = 1; length <= typed.length; length++) {
      const text = original.slice(0, at) + typed.slice(0, length) + original.slice(at);
      const start = performance.now();
      lint(text);
      times.push(performance.now() - start);
    }
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? NaN;
}

async function main(): Promise<number> {
  const setup = openSetup();
  const { folder } = await linuxSource(setup);
  const parser = await CParser.load(path.resolve('dist/server'));
  const vfio = path.join(folder, 'drivers/vfio');
  const figures = [
    // What one rule of Coccinelle took over the same tree when it was measured for the catalogue; it is not run here.
    figure('ism-lint over drivers/vfio, all rules', wholeProcess(vfio), 's', 0.65),
    figure(
      'keystroke on the ISM driver, p95',
      keystrokes(parser, path.join(vfio, 'pci/ism/main.c')),
      'ms',
      20,
    ),
    figure(
      'keystroke on vfio_iommu_type1.c, p95',
      keystrokes(parser, path.join(vfio, 'vfio_iommu_type1.c')),
      'ms',
      50,
    ),
    ...(await sshFigures(setup, process.cwd())).map(({ name, value, unit, budget }) =>
      figure(name, value, unit, budget),
    ),
  ];
  if (process.argv.includes('--json')) console.log(JSON.stringify(figures, undefined, 2));
  else
    for (const { name, value, unit, budget, ok } of figures)
      console.log(
        `${ok ? 'ok  ' : 'OVER'} ${name.padEnd(52)} ${value} ${unit}${budget === undefined ? '' : ` (at most ${budget} ${unit})`}`,
      );
  return figures.every(({ ok }) => ok) ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(2);
  },
);
