/** The region audit and region windows, clicked in the workbench. */
import assert from 'node:assert/strict';
import type { Stage } from '../stage';
import type { Step } from '../runJob';
import type { WorkbenchPage } from '../workbenchPage';

/** Needs a bound function, and the driver's source with its finding in the active editor, the cursor on it. */
export async function auditJob(ui: WorkbenchPage, step: Step): Promise<void> {
  await step('from the finding, Show on device asks the live driver for every index', async () => {
    // The focus is in the list of problems, the cursor at the one that was chosen.
    const action = ui.page.locator('.action-widget .monaco-list-row').filter({ hasText: 'Show on device' });
    await ui.editorKey('Control+.', action.first());
    await ui.screenshot('40-show-on-device');
    await action.first().click();
    await ui.page.locator('.tab.active').filter({ hasText: 'Regions 0051-00-00.0' }).waitFor();
    const line = (text: RegExp): ReturnType<typeof ui.page.locator> =>
      ui.page.locator('.editor-instance .view-line').filter({ hasText: text }).first();
    await line(/ROM.*REFUSED,.vfio-pci.answers.*EINVAL/).waitFor();
    await line(/VGA.*refused,.as.by.vfio-pci.*EINVAL/).waitFor();
    await ui.page
      .locator('.codelens-decoration a')
      .filter({ hasText: 'drivers/vfio/pci/ism/main.c:' })
      .waitFor();
    await ui.screenshot('41-audit');
  });

  await step('and from the refused row back to the line that refuses it', async () => {
    await ui.page.locator('.codelens-decoration a').first().click();
    await ui.page.locator('.tab.active').filter({ hasText: 'main.c' }).waitFor();
    await ui.page
      .locator('.view-line')
      .filter({ hasText: /default:|return.-EINVAL/ })
      .first()
      .waitFor();
    await ui.command('ISM: Focus on Devices View');
    await ui.command('View: Close All Editors');
    // A row that a filter took away for a while comes back folded.
    await ui.command('ISM: Show Regions');
    const driver = ui.page.locator('.tab.active').filter({ hasText: 'main.c' });
    await ui.inlineAction(/ROM.*refused with EINVAL/, 'Go to Refusing Line', driver);
  });
}

/** Needs a bound function. */
export async function windowJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const line = (text: RegExp): ReturnType<typeof ui.page.locator> =>
    ui.page.locator('.view-line').filter({ hasText: text }).first();
  const readControlPage = async (): Promise<void> => {
    await ui.command('ISM: Read Region');
    await ui.choose('BAR2');
    await ui.fillInput('Offset', '0x0');
    await ui.submitInput();
    await ui.fillInput('How many bytes', '64');
    await ui.submitInput();
  };
  const command = async (data: string): Promise<void> => {
    const before = stage.lab.readStores().length;
    await ui.command('ISM: Test Store');
    await ui.choose('BAR2');
    await ui.fillInput('Offset', '0');
    await ui.submitInput();
    await ui.fillInput('BAR2 0x0', data);
    await ui.submitInput();
    await ui.answerDialog('Store 8 bytes to BAR2', 'Store 8 Bytes');
    await ui.notification('Stored 8 bytes to BAR2').waitFor();
    assert.equal(stage.lab.readStores().length, before + 1);
    await ui.clearNotifications();
  };

  await step('the control page is decoded by field after a command', async () => {
    await ui.command('View: Close All Editors');
    await command('u16be:0, 3, 0, 8'); // ISM_READ_GID and the length of its request
    await readControlPage();
    await line(/cmd.*ISM_READ_GID/).waitFor();
    await line(/\+0x08..gid.*0x[0-9a-f]{16}/).waitFor();
    await ui.screenshot('42-control-page');
  });

  await step('words in either order, a snapshot, and the difference after a refresh', async () => {
    await ui.command('ISM: Show Region As');
    await ui.choose('4 bytes, big-endian');
    await line(/00000000..00000003.00000010/).waitFor();
    await ui.command('ISM: Show Region As');
    await ui.choose('4 bytes, little-endian');
    await line(/00000000..03000000.10000000/).waitFor();
    await ui.command('ISM: Show Region As');
    await ui.choose('4 bytes, big-endian');
    await ui.command('ISM: Take Snapshot of Region');
    await ui.notification('Kept 64 bytes as a snapshot').waitFor();
    await ui.clearNotifications();
    await command('u16be:0, 6, 0, 8'); // ISM_SET_VLAN
    await ui.command('ISM: Refresh Region Window');
    await line(/cmd.*ISM_SET_VLAN/).waitFor();
    await ui.command('ISM: Compare Region With Snapshot');
    await ui.page.locator('.monaco-diff-editor .line-insert').first().waitFor();
    await ui.screenshot('43-diff');
  });

  await step('without Hex Editor a sentence says what to install', async () => {
    await ui.command('View: Close Editor');
    await ui.command('ISM: Open Region in Hex Editor');
    await ui.notification('Hex Editor (ms-vscode.hexeditor) is not installed').waitFor();
    await ui.clearNotifications();
  });
}
