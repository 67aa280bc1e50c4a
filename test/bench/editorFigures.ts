/** What a keystroke costs: in the server, and as an editor sees it over stdio. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Linter } from '../../server/editor/linter';
import { CParser } from '../../server/syntax/parser';
import type { SetupContext } from '../../setup/context';
import { linuxSource } from '../../setup/linuxSource';
import { LanguageServer } from '../support/languageServer';
import { median, percentile, type Figure } from './figure';

const typed = '\tret = foo_bar(vdev, 1);\n';

/** The times of linting a file after each of many keystrokes in it, in milliseconds. */
function keystrokes(parser: CParser, file: string): number[] {
  const linter = new Linter(parser);
  const original = readFileSync(file, 'utf8');
  const at = original.indexOf('default:');
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
  return times;
}

/** From a keystroke to its diagnostics as a client of the server sees it, the wait for the next keystroke included. */
async function overStdio(file: string): Promise<{ readonly opening: number; readonly times: number[] }> {
  const uri = pathToFileURL(file).href;
  let text = readFileSync(file, 'utf8');
  const start = performance.now();
  const server = new LanguageServer();
  await server.start();
  await server.open(uri, text);
  const opening = performance.now() - start;
  const times: number[] = [];
  for (let round = 0; round < 3; round++)
    for (const letter of typed) {
      const at = 'default:';
      const struck = performance.now();
      await server.edit(uri, text, at, `${letter}${at}`);
      times.push(performance.now() - struck);
      text = text.replace(at, `${letter}${at}`);
    }
  await server.stop();
  return { opening, times };
}

/** The figures of the language server. */
export async function editorFigures(setup: SetupContext): Promise<Figure[]> {
  const vfio = path.join((await linuxSource(setup)).folder, 'drivers/vfio');
  const parser = await CParser.load(path.resolve('dist/server'));
  const ism = path.join(vfio, 'pci/ism/main.c');
  const largest = path.join(vfio, 'vfio_iommu_type1.c');
  const p95 = (times: readonly number[]): number => percentile(times, 0.95);
  const openings: number[] = [];
  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    const measured = await overStdio(ism);
    openings.push(measured.opening);
    times.push(...measured.times);
  }
  return [
    {
      name: 'keystroke on the ISM driver, server, p95',
      value: p95(keystrokes(parser, ism)),
      unit: 'ms',
      budget: 20,
    },
    {
      name: 'keystroke on vfio_iommu_type1.c, server, p95',
      value: p95(keystrokes(parser, largest)),
      unit: 'ms',
      budget: 50,
    },
    {
      name: 'keystroke on the ISM driver, over stdio, p95',
      value: p95(times),
      unit: 'ms',
      budget: 100,
      note: 'clangd: 193 ms',
    },
    {
      name: 'server start to first diagnostics, cold, median',
      value: median(openings),
      unit: 'ms',
      budget: 300,
      note: 'clangd: 1100 ms',
    },
  ];
}
