/** `npm run bench`: what the language server, SSH, the helper and the extension in the editor cost; `-- --json` prints the figures for programs. */
import { openSetup } from '../../setup/context';
import { driverFigures } from './driverFigures';
import { editorFigures } from './editorFigures';
import { explorerFigures } from './explorerFigures';
import { rounded, type Figure } from './figure';
import { lintFigures } from './lintFigures';
import { liveFigures } from './liveFigures';
import { scriptFigures } from './scriptFigures';
import { sshFigures } from './sshFigures';

function line({ name, value, unit, budget, note }: Figure, ok: boolean): string {
  const allowed = budget === undefined ? '' : `at most ${budget} ${unit}`;
  const cells = [ok ? 'ok  ' : 'OVER', name.padEnd(84), `${value} ${unit}`.padStart(12)];
  return `${cells.join(' ')}   ${allowed.padEnd(16)} ${note ?? ''}`.trimEnd();
}

async function main(): Promise<number> {
  const setup = openSetup();
  const json = process.argv.includes('--json');
  const all: object[] = [];
  let allOk = true;
  for (const part of [
    () => lintFigures(setup),
    () => editorFigures(setup),
    () => sshFigures(setup, process.cwd()),
    () => explorerFigures(setup, process.cwd()),
    () => liveFigures(setup, process.cwd()),
    () => scriptFigures(setup, process.cwd()),
    () => driverFigures(setup, process.cwd()),
  ])
    for (const figure of await part()) {
      const value = rounded(figure.value);
      const ok = figure.budget === undefined || value <= figure.budget;
      allOk &&= ok;
      all.push({ name: figure.name, value, unit: figure.unit, budget: figure.budget ?? null, ok });
      if (!json) console.log(line({ ...figure, value }, ok));
    }
  if (json) console.log(JSON.stringify(all, undefined, 2));
  return allOk ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
