/** What the extension costs in the editor, measured in the real extension host and on the workbench's screen; its size. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageExtension } from '../../scripts/packageExtension';
import { MOST_BYTES, vsixSize } from '../../scripts/vsixSize';
import type { SetupContext } from '../../setup/context';
import { runInExtensionHost } from '../extensionHost/launch';
import type { Figure } from './figure';

export async function explorerFigures(setup: SetupContext, root: string): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ism-explorer-bench-'));
  try {
    // First, since it leaves the minified bundles, which are what people run.
    const { whole, helper } = vsixSize(await packageExtension(setup, root));
    const figures = path.join(folder, 'figures.json');
    const code = await runInExtensionHost(setup, root, 'extension-host-bench', {
      ISM_FIGURES_FILE: figures,
      ISM_ROWS_FILE: path.join(folder, 'rows'),
    });
    if (code !== 0) throw new Error('The explorer could not be measured; the lines above say why.');
    const budget = MOST_BYTES / 1024;
    return [
      ...(JSON.parse(readFileSync(figures, 'utf8')) as Figure[]),
      { name: 'VSIX without the helper', value: (whole - helper) / 1024, unit: 'KB', budget },
      { name: 'of the VSIX the helper', value: helper / 1024, unit: 'KB', budget },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
