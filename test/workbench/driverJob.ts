/** Try My Driver in the workbench: the real driver, its offered fix, a mistake in C, a warning of the kernel. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import type { Stage } from '../../scripts/stage';
import type { Step } from './mainJob';
import type { WorkbenchPage } from './workbenchPage';

const DRIVER = 'drivers/vfio/pci/ism/main.c';
const QUESTION = 'Load your ism_vfio_pci on';
const FIX = /read the change/;

/** Needs a bound function of the connected host; leaves the driver's source as it was, and the function bound. */
export async function driverJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  const file = path.join(stage.workspace, DRIVER);
  const original = readFileSync(file, 'utf8');
  const problem = (text: string | RegExp): Locator =>
    ui.page.locator('.markers-panel .monaco-list-row').filter({ hasText: text }).first();
  const lineOf = (text: string): number =>
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1;
  /** As the list of problems says it. */
  const placeOf = (text: string): string => {
    const line = lineOf(text);
    const column = readFileSync(file, 'utf8').split('\n')[line - 1]?.indexOf(text) ?? -1;
    return `[Ln ${line}, Col ${column + 1}]`;
  };
  /** As a person types it: a new line in front of the one that contains a text. */
  const typeBefore = async (text: string, typed: string): Promise<void> => {
    await ui.openFile(DRIVER);
    await ui.goToLine(lineOf(text));
    await ui.page.keyboard.press('Home');
    await ui.page.keyboard.insertText(`${typed}\n`);
    await ui.command('File: Save');
  };
  const putBack = async (): Promise<void> => {
    await ui.clearNotifications();
    await ui.command('View: Close All Editors');
    writeFileSync(file, original);
  };
  const load = async (): Promise<void> => {
    await ui.command('ISM: Try My Driver');
    await ui.answerDialog(QUESTION, 'Load');
  };

  await step(
    'Try My Driver asks once, with host, kernel and function, and Cancel changes nothing',
    async () => {
      await ui.clearNotifications();
      await ui.command('View: Close All Editors');
      await ui.command('ISM: Try My Driver');
      const question = ui.dialog(QUESTION);
      await question.waitFor();
      const text = (await question.textContent()) ?? '';
      for (const part of [lab.alias, lab.kernelRelease, lab.bdf, 'can stop the host'])
        assert.ok(text.includes(part), text);
      await ui.screenshot('50-try-my-driver');
      await ui.answerDialog(QUESTION, 'Cancel');
      await ui.notification(`Nothing was changed on ${lab.alias}`).waitFor();
      await ui.clearNotifications();
    },
  );

  await step(
    'the real driver is built, loaded and audited, and the audit leads to the refusing line',
    async () => {
      await load();
      const told = ui.notification(/1 index\(es\) are not answered as by vfio-pci: 6/);
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
    await problem('region-info-unknown-index').click();
    await ui.command('View: Focus Active Editor Group');
    await ui.page.keyboard.press('Control+.');
    await ui.page.locator('.action-widget .monaco-list-row').filter({ hasText: FIX }).first().click();
    await problem('region-info-unknown-index').waitFor({ state: 'detached' });
    // What is not saved yet, the command saves.
    await load();
    await ui.notification('nothing was found').waitFor();
    assert.match(readFileSync(file, 'utf8'), /vfio_pci_ioctl_get_region_info\(core_vdev, info, caps\)/);
    await ui.screenshot('53-fixed');
    await putBack();
  });

  await step('a mistake in C is a problem at its line, and nothing is loaded', async () => {
    await typeBefore('switch (info->index)', '\tinfo->size = no_such_name;');
    await ui.command('ISM: Try My Driver');
    await ui.notification(/does not compile: 1 error/).waitFor();
    assert.equal(await ui.dialog(QUESTION).count(), 0);
    await ui.command('Problems: Focus on Problems View');
    const row = problem(/no_such_name.*undeclared/);
    await row.waitFor();
    assert.ok((await row.textContent())?.includes(placeOf('no_such_name')));
    await row.click();
    await ui.page.locator('.squiggly-error').first().waitFor();
    await ui.screenshot('54-compile-error');
    await putBack();
  });

  await step('a warning of the kernel is a problem at the line that it names', async () => {
    await typeBefore('switch (info->index)', '\tWARN_ON(info->index == 2);');
    await load();
    await ui.notification(/The kernel complained: WARNING/).waitFor();
    await ui.command('Problems: Focus on Problems View');
    const row = problem(/WARNING.*whole report/);
    await row.waitFor();
    assert.ok((await row.textContent())?.includes(placeOf('WARN_ON(info')));
    await row.click();
    await ui.screenshot('55-kernel-warning');
    await putBack();
    await load();
    await ui.notification(/not answered as by vfio-pci: 6/).waitFor();
    await ui.clearNotifications();
    await ui.command('ISM: Focus on Devices View');
  });
}
