/** A folder that is not trusted: files are checked, no host is reached, and the commands that would are not offered. */
import assert from 'node:assert/strict';
import type { Step } from './mainJob';
import type { WorkbenchPage } from './workbenchPage';

export async function restrictedMode(ui: WorkbenchPage, step: Step): Promise<void> {
  await step('an untrusted workspace still gets its findings', async () => {
    await ui.openFile('refusing.c');
    await ui.command('Problems: Focus on Problems View');
    await ui.page
      .locator('.markers-panel .monaco-list-row')
      .filter({ hasText: 'region-info-unknown-index' })
      .first()
      .waitFor();
    await ui.screenshot('10-restricted-findings');
  });

  await step('an untrusted workspace offers nothing that reaches a host', async () => {
    await ui.openView('ISM');
    await ui.row('lpar1').waitFor();
    for (const name of ['Connect', 'Bind', 'Test Store', 'Read Region', 'Add Host']) {
      const offered = await ui.offeredCommands(`ISM: ${name}`);
      assert.ok(!offered.some((label) => label.startsWith(`ISM: ${name}`)), offered.join('; '));
    }
    await ui.screenshot('11-restricted-view');
  });
}
