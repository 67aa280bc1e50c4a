/** A folder that is not trusted: files are checked, no host is reached, and the commands that would are not offered. */
import assert from 'node:assert/strict';
import type { Step } from '../../workbench/runJob';
import type { WorkbenchPage } from '../../workbench/workbenchPage';

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

  await step('an untrusted workspace runs no store script', async () => {
    await ui.openFile('first.ism');
    await ui.command('Test: Run Tests in Current File');
    // VS Code asks before any test of such a workspace; the extension refuses as well, should that change.
    await ui.dialog('Do you trust the authors').waitFor();
    await ui.screenshot('11a-restricted-script');
    await ui.answerDialog('Do you trust the authors', 'Cancel');
    await ui.page.waitForTimeout(1000);
    assert.equal(await ui.dialog(/stores/).count(), 0);
    assert.ok(await ui.page.getByText('Restricted Mode').first().isVisible());
  });
}
