/** What the extension costs in the editor, measured in the real extension host and on the workbench's screen; its size. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageExtension } from '../../packaging/packageExtension';
import { MOST_BYTES, vsixSize } from '../../packaging/vsixSize';
import type { SetupContext } from '../../setup/context';
import { runInExtensionHost } from '../extensionHost/launch';
import { median, type Figure } from './figure';

/** How often the extension is activated, each time in an extension host of its own: what a disk does meanwhile scatters. */
const ACTIVATIONS = 5;

export async function explorerFigures(setup: SetupContext, root: string): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-explorer-bench-'));
  try {
    // First, since it leaves the minified bundles, which are what people run.
    const { whole, helper } = vsixSize(await packageExtension(setup, root));
    const measure = async (more: NodeJS.ProcessEnv = {}): Promise<Figure[]> => {
      const file = path.join(folder, 'figures.json');
      const code = await runInExtensionHost(setup, root, 'extension-host-bench', {
        ISM_FIGURES_FILE: file,
        ISM_ROWS_FILE: path.join(folder, 'rows'),
        ...more,
      });
      if (code !== 0) throw new Error('The explorer could not be measured; the lines above say why.');
      return JSON.parse(readFileSync(file, 'utf8')) as Figure[];
    };
    const [activation, ...explorer] = await measure();
    if (!activation) throw new Error('Activation was not measured.');
    const times = [activation.value];
    while (times.length < ACTIVATIONS)
      times.push(...(await measure({ ISM_ACTIVATION_ALONE: '1' })).map(({ value }) => value));
    const budget = MOST_BYTES / 1024;
    return [
      {
        ...activation,
        name: `${activation.name}, median of ${ACTIVATIONS}`,
        value: median(times),
        note: `worst ${Math.max(...times).toFixed(1)} ms; the first: ${activation.note ?? ''}`,
      },
      ...explorer,
      { name: 'VSIX without the helper', value: (whole - helper) / 1024, unit: 'KB', budget },
      { name: 'of the VSIX the helper', value: helper / 1024, unit: 'KB', budget },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
