/** Try My Driver in the workbench: the real driver, its offered fix, a mistake in C, a warning of the kernel. */
import assert from 'node:assert/strict';
import type { Stage } from '../stage';
import { DRIVER, EditedDriver, LOAD_QUESTION } from './editedDriver';
import type { Step } from '../runJob';
import type { WorkbenchPage } from '../workbenchPage';

const FIX = /read the change/;

/** Needs a bound function of the connected host; leaves the driver's source as it was, and the function bound. */
export async function driverJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  const driver = new EditedDriver(ui, stage.workspace);

  await step(
    'Try My Driver asks once, with host, kernel and function, and Cancel changes nothing',
    async () => {
      await ui.clearNotifications();
      await ui.command('View: Close All Editors');
      await ui.command('ISM: Try My Driver');
      const question = ui.dialog(LOAD_QUESTION);
      await question.waitFor();
      const text = (await question.textContent()) ?? '';
      for (const part of [lab.alias, lab.kernelRelease, lab.bdf, 'can stop the host'])
        assert.ok(text.includes(part), text);
      await ui.screenshot('50-try-my-driver');
      await ui.answerDialog(LOAD_QUESTION, 'Cancel');
      // The trial has ended when its progress is gone; a person who cancelled is told nothing.
      await ui.page.locator('.statusbar-item').filter({ hasText: 'Trying' }).waitFor({ state: 'detached' });
      assert.equal(await ui.page.locator('.notification-toast').count(), 0);
      await ui.clearNotifications();
    },
  );

  await step(
    'the real driver is built, loaded and audited, and the audit leads to the refusing line',
    async () => {
      await driver.load();
      const told = ui.notification(/1 index is not answered as by vfio-pci: 6/);
      await told.waitFor();
      await ui.screenshot('51-real-driver');
      await told.locator('.monaco-button').filter({ hasText: 'Show Audit' }).click();
      await ui.page.locator('.tab.active').filter({ hasText: 'Regions 0051-00-00.0' }).waitFor();
      await ui.page
        .locator('.codelens-decoration a')
        .filter({ hasText: `${DRIVER}:` })
        .first()
        .click();
      await ui.page.locator('.tab.active').filter({ hasText: 'main.c' }).waitFor();
      await ui.command('Testing: Focus on Test Explorer View');
      await ui.screenshot('52-steps');
    },
  );

  await step('with the offered fix the audit is as vfio-pci would have it', async () => {
    await ui.clearNotifications();
    await ui.openFile(DRIVER);
    await ui.command('Problems: Focus on Problems View');
    await driver.problem('region-info-unknown-index').click();
    const fix = ui.page.locator('.action-widget .monaco-list-row').filter({ hasText: FIX }).first();
    await ui.editorKey('Control+.', fix);
    await fix.click();
    await driver.problem('region-info-unknown-index').waitFor({ state: 'detached' });
    // What is not saved yet, the command saves.
    await driver.load();
    await ui.notification('nothing was found').waitFor();
    assert.match(driver.text(), /vfio_pci_ioctl_get_region_info\(core_vdev, info, caps\)/);
    await ui.screenshot('53-fixed');
    await driver.putBack();
  });

  await step('a mistake in C is a problem at its line, and nothing is loaded', async () => {
    await driver.typeBefore('switch (info->index)', '\tinfo->size = no_such_name;');
    await ui.command('ISM: Try My Driver');
    await ui.notification(/does not compile: 1 error/).waitFor();
    assert.equal(await ui.dialog(LOAD_QUESTION).count(), 0);
    await ui.command('Problems: Focus on Problems View');
    const row = driver.problem(/no_such_name.*undeclared/);
    await row.waitFor();
    assert.ok((await row.textContent())?.includes(driver.placeOf('no_such_name')));
    await row.click();
    await ui.page.locator('.squiggly-error').first().waitFor();
    await ui.screenshot('54-compile-error');
    await driver.putBack();
  });

  await step('a warning of the kernel is a problem at the line that it names', async () => {
    await driver.typeBefore('switch (info->index)', '\tWARN_ON(info->index == 2);');
    await driver.load();
    await ui.notification(/The kernel complained: WARNING/).waitFor();
    await ui.command('Problems: Focus on Problems View');
    const row = driver.problem(/WARNING.*whole report/);
    await row.waitFor();
    assert.ok((await row.textContent())?.includes(driver.placeOf('WARN_ON(info')));
    await row.click();
    await ui.screenshot('55-kernel-warning');
    await driver.putBack();
    await driver.load();
    await ui.notification(/not answered as by vfio-pci: 6/).waitFor();
    await ui.clearNotifications();
    await ui.command('ISM: Focus on Devices View');
  });
}
